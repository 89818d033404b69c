# SPDX-License-Identifier: Apache-2.0
"""OpenSSL's libcrypto, called directly: the peer whose messages we take and who reads our answers.

Keys, CSRs, certificates and CMS, each a thin layer over the C calls of the same name. What it
allocates stays until the test ends.
"""

import ctypes
import time
from ctypes import byref, c_char_p, c_long, c_size_t, create_string_buffer

import der

MBSTRING_UTF8 = 0x1000
CMS_DETACHED, CMS_BINARY, CMS_NOSMIMECAP, CMS_STREAM, CMS_PARTIAL = 0x40, 0x80, 0x200, 0x1000, 0x4000
CMS_NO_SIGNER_CERT_VERIFY = 0x20
RSA_PKCS1_OAEP_PADDING = 4


class Pointer(ctypes.c_void_p):
    """A subclass, so that ctypes gives it back as it is and takes it without a prototype."""


class OpenSSLError(Exception):
    pass


_lib = ctypes.CDLL("libcrypto.so.3")


def _fail(name):
    text = create_string_buffer(256)
    _lib.ERR_error_string_n.argtypes = [ctypes.c_ulong, c_char_p, c_size_t]
    _lib.ERR_get_error.restype = ctypes.c_ulong
    _lib.ERR_error_string_n(_lib.ERR_get_error(), text, len(text))
    raise OpenSSLError(f"{name}: {text.value.decode()}")


def make(name, *arguments):
    """Calls a function that gives an object."""
    function = _lib[name]
    function.restype = Pointer
    result = function(*arguments)
    return result if result.value else _fail(name)


def do(name, *arguments):
    """Calls a function that gives a number above 0 for success."""
    result = _lib[name](*arguments)
    return result if result > 0 else _fail(name)


def read(kind, data):
    """d2i_KIND: an object from all of these bytes."""
    start = c_char_p(data)
    return make(f"d2i_{kind}", None, byref(start), c_long(len(data)))


def write(kind, thing):
    """i2d_KIND: the bytes of an object."""
    size = do(f"i2d_{kind}", thing, None)
    out = create_string_buffer(size)
    do(f"i2d_{kind}", thing, byref(c_char_p(ctypes.addressof(out))))
    return out.raw


def memory(data=None):
    """A BIO to read these bytes from, or to write into."""
    if data is None:
        return make("BIO_new", make("BIO_s_mem"))
    copy = create_string_buffer(data, len(data))
    bio = make("BIO_new_mem_buf", copy, len(data))
    bio.keeps = copy
    return bio


def contents(bio):
    start = c_char_p()
    size = _lib.BIO_ctrl(bio, 3, c_long(0), byref(start))
    return ctypes.string_at(start, size) if size else b""


def digest(name):
    return make("EVP_get_digestbyname", name.encode())


class Key:
    def __init__(self, pointer):
        self.pointer = pointer

    @classmethod
    def rsa(cls, bits=2048):
        return cls(make("EVP_PKEY_Q_keygen", None, None, b"RSA", c_size_t(bits)))

    @classmethod
    def elliptic(cls, curve="P-256"):
        return cls(make("EVP_PKEY_Q_keygen", None, None, b"EC", curve.encode()))

    @classmethod
    def load(cls, path):
        with open(path, "rb") as file:
            return cls(make("PEM_read_bio_PrivateKey", memory(file.read()), None, None, None))

    def save(self, path):
        bio = memory()
        do("PEM_write_bio_PrivateKey", bio, self.pointer, None, None, 0, None, None)
        with open(path, "wb") as file:
            file.write(contents(bio))
        return path

    @property
    def spki(self):
        return write("PUBKEY", self.pointer)

    def sign(self, data, name="sha256"):
        context, size = make("EVP_MD_CTX_new"), c_size_t(0)
        do("EVP_DigestSignInit", context, None, digest(name), None, self.pointer)
        do("EVP_DigestSign", context, None, byref(size), data, c_size_t(len(data)))
        out = create_string_buffer(size.value)
        do("EVP_DigestSign", context, out, byref(size), data, c_size_t(len(data)))
        return out.raw[: size.value]


def name(spec):
    """From RDNs, each a list of (field, type, value); from text such as "O=Example,CN=r1"; or one that is made."""
    if isinstance(spec, Pointer):
        return spec
    if isinstance(spec, str):
        spec = [[(part.split("=")[0], MBSTRING_UTF8, part.split("=")[1])] for part in spec.split(",")]
    made = make("X509_NAME_new")
    for rdn in spec:
        for place, (field, kind, value) in enumerate(rdn):
            value = value.encode()
            do("X509_NAME_add_entry_by_txt", made, field.encode(), kind, value, len(value), -1, -bool(place))
    return made


def extension(which, value):
    """As in openssl.cnf: "keyUsage", "critical,digitalSignature" or "1.2.3.4", "DER:0500"."""
    return make("X509V3_EXT_nconf", None, None, which.encode(), value.encode())


def csr(key, subject, challenge=None, challenge_type=der.PRINTABLE, extensions=(), attributes=(), md="sha256"):
    """DER of a PKCS#10 request; `attributes`: more of them as (dotted OID, type, bytes)."""
    made = make("X509_REQ_new")
    do("X509_REQ_set_version", made, c_long(0))
    do("X509_REQ_set_subject_name", made, name(subject))
    do("X509_REQ_set_pubkey", made, key.pointer)
    if challenge is not None:
        attributes = [("1.2.840.113549.1.9.7", challenge_type, challenge.encode()), *attributes]
    for which, kind, value in attributes:
        do("X509_REQ_add1_attr_by_txt", made, which.encode(), kind, value, len(value))
    if extensions:
        stack = make("OPENSSL_sk_new_null")
        for which, value in extensions:
            do("OPENSSL_sk_push", stack, extension(which, value))
        do("X509_REQ_add_extensions", made, stack)
    do("X509_REQ_sign", made, key.pointer, digest(md))
    return write("X509_REQ", made)


def asked(request):
    """The subject and the key of a PKCS#10 request, DER, whose signature is right."""
    made = read("X509_REQ", request)
    key = make("X509_REQ_get0_pubkey", made)
    do("X509_REQ_verify", made, key)
    return make("X509_NAME_dup", make("X509_REQ_get_subject_name", made)), Key(key)


def certificate(key, subject, issuer=None, issuer_key=None, version=3, serial=1, extensions=(), days=3650, md="sha256",
                life=None):
    """DER of a certificate, signed by itself where no issuer's key is given; `life`: its two ends in seconds
    since 1970, instead of an hour ago and `days`."""
    made = make("X509_new")
    do("X509_set_version", made, c_long(version - 1))
    do("ASN1_INTEGER_set_uint64", make("X509_get_serialNumber", made), ctypes.c_uint64(serial))
    now_s = int(time.time())
    for end, second in zip(("notBefore", "notAfter"), life or (now_s - 3600, now_s + days * 86400)):
        make("ASN1_TIME_set", make(f"X509_getm_{end}", made), c_long(second))
    do("X509_set_subject_name", made, name(subject))
    do("X509_set_issuer_name", made, name(issuer or subject))
    do("X509_set_pubkey", made, key.pointer)
    for which, value in extensions:
        do("X509_add_ext", made, extension(which, value), -1)
    do("X509_sign", made, (issuer_key or key).pointer, digest(md))
    return write("X509", made)


def stack_of(certificates):
    stack = make("OPENSSL_sk_new_null")
    for one in certificates:
        do("OPENSSL_sk_push", stack, read("X509", one))
    return stack


def _finish(cms, content, flags):
    """DER; or, with CMS_STREAM, BER of indefinite length."""
    if flags & CMS_STREAM:
        out = memory()
        do("i2d_CMS_bio_stream", out, cms, memory(content), flags)
        return contents(out)
    do("CMS_final", cms, memory(content), None, flags)
    return write("CMS_ContentInfo", cms)


def envelope(content, recipients, cipher="aes-128-cbc", oaep=False, stream=False):
    """EnvelopedData, or AuthEnvelopedData where the cipher is of that kind."""
    flags = CMS_BINARY | CMS_PARTIAL | (CMS_STREAM if stream else 0)
    cms = make("CMS_encrypt", None, None, make("EVP_get_cipherbyname", cipher.encode()), flags)
    for one in recipients:
        info = make("CMS_add1_recipient_cert", cms, read("X509", one), 0x40000 if oaep else 0)
        if oaep:
            context = make("CMS_RecipientInfo_get0_pkey_ctx", info)
            do("EVP_PKEY_CTX_set_rsa_padding", context, RSA_PKCS1_OAEP_PADDING)
    return _finish(cms, content, flags)


def signed(content, signer, key, attributes=(), others=(), md="sha256", stream=False):
    """SignedData with one signer; `attributes`: (dotted OID, type, bytes) besides OpenSSL's own."""
    flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | (CMS_STREAM if stream else 0)
    cms = make("CMS_sign", None, None, None, None, flags)
    signer_info = make("CMS_add1_signer", cms, read("X509", signer), key.pointer, digest(md), flags)
    for which, kind, value in attributes:
        do("CMS_signed_add1_attr_by_txt", signer_info, which.encode(), kind, value, len(value))
    for one in others:
        do("CMS_add1_cert", cms, read("X509", one))
    return _finish(cms, content, flags)


def verify(message):
    """The content of a SignedData, its signature checked, and the signer's certificate."""
    cms, out = read("CMS_ContentInfo", message), memory()
    do("CMS_verify", cms, None, None, None, out, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY)
    signers = make("CMS_get0_signers", cms)
    return contents(out), write("X509", make("OPENSSL_sk_value", signers, 0))


def decrypt(message, key, recipient):
    out = memory()
    cms = read("CMS_ContentInfo", message)
    do("CMS_decrypt", cms, key.pointer, read("X509", recipient), None, out, CMS_BINARY)
    return contents(out)


def _all(stack, kind):
    if not stack.value:
        return []
    return [write(kind, make("OPENSSL_sk_value", stack, i)) for i in range(_lib.OPENSSL_sk_num(stack))]


def degenerate(message):
    """The certificates and the CRLs of a certs-only SignedData, in their order."""
    cms = read("CMS_ContentInfo", message)
    for function in (_lib.CMS_get1_certs, _lib.CMS_get1_crls):
        function.restype = Pointer
    return _all(_lib.CMS_get1_certs(cms), "X509"), _all(_lib.CMS_get1_crls(cms), "X509_CRL")


def certs_only(certificates):
    """The other way round: a degenerate SignedData (RFC 8894 §3.4)."""
    given = der.Node(0xA0, [der.parse(one) for one in certificates])
    inner = der.sequence(der.integer(1), der.set_of(), der.sequence(der.oid("1.2.840.113549.1.7.1")), given, der.set_of())
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.Node(0xA0, [inner])).encode()

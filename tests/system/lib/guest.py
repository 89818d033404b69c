# SPDX-License-Identifier: Apache-2.0
"""A program that knows OpenSSL and nothing of ours: its key is a file, which claviger.so reads where the configuration in
OPENSSL_CONF loads it. It speaks to libcrypto as a C program does, without OpenSSL's command between.

    python3 guest.py KEYFILE ACT…       each act in turn, in one process; what they find goes to stdout, a line each

Acts: sign · become:USER (the effective user) · chroot:FOLDER · unlocked (no locked memory) · threads · children ·
again:TIMES (a library context each, loaded and left) · wait (for a line).
"""

import ctypes
import os
import pwd
import resource
import sys
import threading

MESSAGE = b"what a program signs"
THREADS, SIGNATURES = 8, 10

POINTER, SIZE = ctypes.c_void_p, ctypes.c_size_t
CRYPTO = ctypes.CDLL("libcrypto.so.3")
for name, result, *arguments in (
        ("OSSL_LIB_CTX_new", POINTER), ("OSSL_LIB_CTX_free", None, POINTER),
        ("OSSL_LIB_CTX_load_config", ctypes.c_int, POINTER, ctypes.c_char_p),
        ("BIO_new_file", POINTER, ctypes.c_char_p, ctypes.c_char_p), ("BIO_free", ctypes.c_int, POINTER),
        ("BIO_s_mem", POINTER), ("BIO_new", POINTER, POINTER), ("BIO_read", ctypes.c_int, POINTER, POINTER, ctypes.c_int),
        ("ERR_print_errors", None, POINTER),
        ("PEM_read_bio_PrivateKey_ex", POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, ctypes.c_char_p),
        ("EVP_PKEY_free", None, POINTER), ("EVP_MD_CTX_new", POINTER), ("EVP_MD_CTX_free", None, POINTER),
        ("EVP_DigestSignInit_ex", ctypes.c_int, POINTER, POINTER, ctypes.c_char_p, POINTER, ctypes.c_char_p, POINTER, POINTER),
        ("EVP_DigestVerifyInit_ex", ctypes.c_int, POINTER, POINTER, ctypes.c_char_p, POINTER, ctypes.c_char_p, POINTER, POINTER),
        ("EVP_DigestSign", ctypes.c_int, POINTER, POINTER, ctypes.POINTER(SIZE), POINTER, SIZE),
        ("EVP_DigestVerify", ctypes.c_int, POINTER, POINTER, SIZE, POINTER, SIZE)):
    function = getattr(CRYPTO, name)
    function.restype, function.argtypes = result, arguments


def errors():
    """What OpenSSL has to tell, without a line's end."""
    bio, text = CRYPTO.BIO_new(CRYPTO.BIO_s_mem()), ctypes.create_string_buffer(4096)
    CRYPTO.ERR_print_errors(bio)
    size = CRYPTO.BIO_read(bio, text, len(text))
    CRYPTO.BIO_free(bio)
    return text.raw[:max(size, 0)].decode("utf-8", "replace").replace("\n", " | ")


class Key:
    def __init__(self, path, library=None):
        bio = CRYPTO.BIO_new_file(path.encode(), b"r")
        self.library = library
        self.pkey = CRYPTO.PEM_read_bio_PrivateKey_ex(bio, None, None, None, library, None)
        CRYPTO.BIO_free(bio)
        if not self.pkey:
            sys.exit(f"no key: {errors()}")

    def _begun(self, begin):
        context = CRYPTO.EVP_MD_CTX_new()
        return context, begin(context, None, b"SHA256", self.library, None, self.pkey, None) == 1

    def sign(self):
        """"signed", or what OpenSSL says; each signature is verified."""
        signature, size = ctypes.create_string_buffer(1024), SIZE(1024)
        context, good = self._begun(CRYPTO.EVP_DigestSignInit_ex)
        good = good and CRYPTO.EVP_DigestSign(context, signature, ctypes.byref(size), MESSAGE, len(MESSAGE)) == 1
        CRYPTO.EVP_MD_CTX_free(context)
        if not good:
            return errors()
        context, good = self._begun(CRYPTO.EVP_DigestVerifyInit_ex)
        good = good and CRYPTO.EVP_DigestVerify(context, signature, size, MESSAGE, len(MESSAGE)) == 1
        CRYPTO.EVP_MD_CTX_free(context)
        return "signed" if good else f"not verified: {errors()}"

    def sign_often(self):
        return {self.sign() for _ in range(SIGNATURES)}


def together(key):
    """What threads come to that share a key."""
    found = set()
    threads = [threading.Thread(target=lambda: found.update(key.sign_often())) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return " ".join(sorted(found))


def forked(key):
    """What children come to that share a key with their parent, and with its threads."""
    children = []
    for _ in range(THREADS):
        child = os.fork()
        if not child:
            os._exit(key.sign_often() != {"signed"})  # pylint: disable=protected-access
        children.append(child)
    found = together(key)
    ends = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
    return f"{found}, children {ends}"


def held():
    """Descriptors, and kilobytes of memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return len(os.listdir("/proc/self/fd")), int(file.read().split()[1]) * resource.getpagesize() // 1024


def once(path):
    library = CRYPTO.OSSL_LIB_CTX_new()
    if CRYPTO.OSSL_LIB_CTX_load_config(library, os.environ["OPENSSL_CONF"].encode()) != 1:
        sys.exit(f"no configuration: {errors()}")
    key = Key(path, library)
    found = key.sign()
    CRYPTO.EVP_PKEY_free(key.pkey)
    CRYPTO.OSSL_LIB_CTX_free(library)
    return found


def again(path, times):
    """What is held more after many loads than after a few."""
    for _ in range(5):
        once(path)
    before = held()
    found = {once(path) for _ in range(times)}
    after = held()
    return f"{' '.join(sorted(found))}, descriptors {after[0] - before[0]}, kilobytes {after[1] - before[1]}"


def become(user):
    os.seteuid(0)
    os.seteuid(pwd.getpwnam(user).pw_uid)
    return user


def unlocked():
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    return "no locked memory"


def main(path, *acts):
    key = Key(path)
    does = {
        "sign": lambda _: key.sign(), "become": become, "chroot": lambda folder: os.chroot(folder) or folder,
        "unlocked": lambda _: unlocked(), "threads": lambda _: together(key), "children": lambda _: forked(key),
        "again": lambda times: again(path, int(times)), "wait": lambda _: sys.stdin.readline().strip(),
    }
    for act in acts:
        name, _, what = act.partition(":")
        print(does[name](what), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

# SPDX-License-Identifier: Apache-2.0
# Test programs say in a comment which folders' libraries they link: /* layers: daemon/scep daemon/x509 */
include_guard()

function(claviger_layers_of SOURCE RESULT)
	file(STRINGS "${SOURCE}" LINE REGEX "/\\* layers: .* \\*/" LIMIT_COUNT 1)
	string(REGEX REPLACE ".*/\\* layers: (.*) \\*/.*" "\\1" LAYERS "${LINE}")
	string(REPLACE "/" "-" LAYERS "${LAYERS}")
	string(REPLACE " " ";" LAYERS "${LAYERS}")
	if(NOT LAYERS)
		message(FATAL_ERROR "${SOURCE} has no comment /* layers: … */")
	endif()
	set(${RESULT} "${LAYERS}" PARENT_SCOPE)
endfunction()

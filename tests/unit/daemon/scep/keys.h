/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys that everything here is made with, of 1024 bits for speed and fixed, so that the corpus of
 * the fuzz target stays readable. They are good for nothing else.
 */

#define KEY_OF_CLIENT                                                                              \
	"-----BEGIN RSA PRIVATE KEY-----\n"                                                        \
	"MIICXAIBAAKBgQDBU+a5O9lu62UbVSWAJfybOwHq+Gw7PaeAq68dJbBRjwOfWXKQ\n"                       \
	"WXYtGus0xi8FepaJs2NX5LVx9+6OmVZWmLO73N2l7gJcs9QsAodgR+XS3kg4lWdg\n"                       \
	"IA5B6/L/jdzPiyoxiChZLfvw2jtYQB7DhoiZqmQGUI9h4brlnTBdlMSykwIDAQAB\n"                       \
	"AoGBALwtXaQplFA6AlUjgPgGgaXbPtem7TqQna1J746Qc9o/OYhuuWu2GKh4zj61\n"                       \
	"NWnA1Cy+ltEjxlVjvinBKV/rDO34NsUjN73DTVr+GT5il1NSzBQGegj/VhLwNQF4\n"                       \
	"eD07E3v6t7Sd/6DhqQkokEPvv+atkV3EG+JLCjRr4wFD2yUhAkEA+qdBE4MjVMDG\n"                       \
	"S2Ur16oPOUo2IsFSYSBfX0TrGjGR9n4R/4duE8FwARSw3GRmDTcS5PPTthKkQa4I\n"                       \
	"L0IrOgSMcQJBAMVzm8POrwT4Ey4VylUjXGMF76gArP0FDCkI6e9hz1j2Zsoiwcz+\n"                       \
	"zgoG5Rax2fC3jtTpogV7aShchOyM3Ls/gUMCQBYbMi4aXr9W0SZNIfS/VuBinyup\n"                       \
	"iS5vwHmShnmk7Y6jx8qVkyvC37H4tTB62lVICi6PIpjoQ/xW8PnaCB3x0MECQEfO\n"                       \
	"xYUuc2QhPAh0kELqOz0f+YplxIO4BDYgMcOHFLtL0RIOFeERgakP3NymDZaHiwBP\n"                       \
	"f0bzHMk67HSCvfuzGrUCQGD2UqD14gDqr6CXLaziR+awEp7XGdH5VLadlX2DfYel\n"                       \
	"Cep+E3FHSWr2jlPQpuvDmUBX5XGq6oYaUqB+5d4Iq3I=\n"                                           \
	"-----END RSA PRIVATE KEY-----\n"

#define KEY_OF_AUTHORITY                                                                           \
	"-----BEGIN RSA PRIVATE KEY-----\n"                                                        \
	"MIICXAIBAAKBgQChB2JXXwHqpqsFYDfnzRyfumqCVlLlEAzBkF6u6qQDfLuDGFK5\n"                       \
	"kEyPJBLhT2zqqjY4L/1jfeH1KWDQj6lgvB+ESgigh7R/p2eeR8gKAI4wNGdUl1vC\n"                       \
	"wMu7LJkQq4Nf27GMcxRl8ryScCqZ5pUuv58MhTaiBEyN+wn8HlKD2DXUIwIDAQAB\n"                       \
	"AoGBAJ2yco9n/qODB1cjbHx4tYCDek0cJuAmwKdLMD6SkX7Mx4HR7ynE9AT2afr2\n"                       \
	"4o5JlQGflcG6hO+nzyVQm6qdcSp5lM5eaDCsKmiVTUYV76QV5s1BVhGMEziY3r8M\n"                       \
	"msYUTBp8/dW6yI6tpZycIetM34mT1SjtWmuU/JOrykhSkGdxAkEA1HQV/4NrRoQY\n"                       \
	"CmiEJyjktRsxLXYqGZAHYwkGBnh6JLP61eZcjgE40wed9BsI77PF6nH4zQXJDSc8\n"                       \
	"pTEuUnjKuwJBAMII7qLTfvavTx3mEqFV16/F1F1a45jDWA/5YkylMLLOPEt+WcWN\n"                       \
	"iKXh/KmEceHC4FIC0nkjBMRe2a+BLruUSbkCQGnscudQ+5RN2bqev3zSu6y8IPm8\n"                       \
	"l2LlV3l+Dz38pVFVVrN8xhqa61zzyEHjlMIGDKBGMLjvsHzZWjg2XBUMWm8CQHdI\n"                       \
	"iHO+80FxuoCV7QQTwrnDM2+ErYA/Lsb7N8wIjWyOzpBWh5ekD8pyqCIKUvxIEiE4\n"                       \
	"rO1dctPJv6deEj2sxrkCQGOJHPl71efgcSZzRk8WapXYPeREL52y+KwKexpsEUQc\n"                       \
	"ULVXD/OC4QouSoPFktkxz1xZIvfn8n6tHBf4qUD3YLc=\n"                                           \
	"-----END RSA PRIVATE KEY-----\n"

#define KEY_OF_STRANGER                                                                            \
	"-----BEGIN RSA PRIVATE KEY-----\n"                                                        \
	"MIICXgIBAAKBgQDXEdq4cw7WARlfU9H59xDVLv6VCykt0GETvE3vwZ7bj9q3RhMI\n"                       \
	"upASX3fdulgqCDlcDB/fHzj3a61WyJsA6Crq0vHpFk9aJCmVmnDiQIhJ5KB0q3WI\n"                       \
	"eqKk7NIUIhfXdUd43wXTx0GaVxx+/4/pnQcxCT+Vb9t/aZ/3SfPecvXQ2wIDAQAB\n"                       \
	"AoGBAM+KqEG0ro1vtBdc4NVSSYkf94bGpW9TlkqgPalvdCg3Ev4nfji/KEbCn/51\n"                       \
	"U50EIK4l+R+slqGU5EpJ/eKLKNV7pAcHshTz6MAbDYxDkiGbuIy5sFL3jM3RKlvm\n"                       \
	"xj79Y1SPxVE90I3lt0BtFDgnx1BuYjib1LbupTqO+T0C/yHhAkEA8vpBrq5rhaN+\n"                       \
	"fkMl+U45ZjyLseVUocrqBV4tenoUxi1IOWR0tcGjRhUbfJc+eL07AZ7ebj49vSzT\n"                       \
	"jluTDIpxqwJBAOKYsShCNpIAOAEBs4vlwSXVjW1UEIiq01M5BjpIToHeuQxG5rZV\n"                       \
	"mNz6AX+9EQ0YwhvfZXQXThpsAJm1/3gRTZECQQCF6DHGqU2MivwtbahB60Bq/bcn\n"                       \
	"RXIM8J1kc/CwbROB3HbPWnOPr7Xh68QIN/ov5GnejMWdECRKW6gD7qft42adAkAY\n"                       \
	"l+v6a51SoVVyvoWHNIuPGKt95zbYLno7OSA06S4kKFE7ROK7fXTW3weUnqegHUTM\n"                       \
	"E6YGQJVIhtpV1IwCsxYRAkEAqDcMBwtk9mDDioTW9URoZvO+4YnLI12tHiXz1ZQw\n"                       \
	"Yd9j/yjB1pWAjP5XBYwVZrlf7HQ7gwaIXe6qR4HqdWmP2g==\n"                                       \
	"-----END RSA PRIVATE KEY-----\n"

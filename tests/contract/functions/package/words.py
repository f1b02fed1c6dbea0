# SPDX-License-Identifier: Apache-2.0


def join(*words):
    return " ".join(words)

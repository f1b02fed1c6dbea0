# SPDX-License-Identifier: Apache-2.0
"""Certificates that must not be accepted: said why, and not one byte of a request goes there."""

import os
import socket
import ssl
import subprocess
import threading
import unittest

from harness import BadInput

CONFIGURATION = """\
[ca]
default_ca = one
[one]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


class Authority:
    """A certificate authority of openssl's, and what it signs."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        for name, text in (
            ("index", ""),
            ("serial", "01"),
            ("configuration", CONFIGURATION.format(folder=folder)),
        ):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        self.certificate = folder + "/ca.pem"
        self.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-subj",
            "/CN=test authority",
            "-addext",
            "keyUsage=keyCertSign",
        )

    def openssl(self, *words):
        subprocess.run(["/usr/bin/openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name, names, end="20491231235959Z"):
        """A key and certificate for `names`; valid since 2020."""
        with open(f"{self.folder}/{name}.ext", "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={names}\n")
        self.openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            name + ".key",
            "-out",
            name + ".csr",
            "-subj",
            "/CN=" + name,
        )
        self.openssl(
            "ca",
            "-batch",
            "-config",
            "configuration",
            "-cert",
            "ca.pem",
            "-keyfile",
            "ca.key",
            "-in",
            name + ".csr",
            "-out",
            name + ".pem",
            "-startdate",
            "20200101000000Z",
            "-enddate",
            end,
            "-extfile",
            name + ".ext",
            "-notext",
        )
        return f"{self.folder}/{name}.pem", f"{self.folder}/{name}.key"


class Listener:
    """A TLS server that keeps what it is sent."""

    def __init__(self, certificate, key):
        self.received = b""
        self.connections = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            plain, _ = self.socket.accept()
            plain.settimeout(10)
            try:
                with self.context.wrap_socket(plain, server_side=True) as stream:
                    while piece := stream.recv(65536):
                        self.received += piece
                        if piece == b"end":
                            return
            except OSError:
                pass  # the client refused the certificate
            finally:
                plain.close()
                self.connections += 1

    def close(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        received = self.received
        with context.wrap_socket(socket.create_connection(self.socket.getsockname())) as stream:
            stream.sendall(b"end")
        self.thread.join()
        self.socket.close()
        return received


class Certificates(BadInput):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority(cls.shared + "/authority")

    def refused(self, certificate, key, *says, trusted=True):
        self.project()
        listener = Listener(certificate, key)
        bundle = ("--ca-bundle", self.authority.certificate) if trusted else ()
        endpoints = {name: listener.url for name in self.environment if name.startswith("AWS_ENDPOINT_URL")}
        try:
            self.check(
                "run",
                *bundle,
                code=1,
                environment=endpoints,
                says=("good aws/eu-central-1\nerror: ", "127.0.0.1", "  hint: ", *says),
            )
        finally:
            received = listener.close()
        self.assertEqual(received, b"", "a request was sent to a server that is not who it says")
        self.assertEqual(listener.connections, 2, "a certificate does not become better by asking again")
        self.assert_rows(deployed=0, total=1)
        self.assert_converges(1)

    def test_the_right_one_is_accepted(self):
        self.project()
        url = f"https://127.0.0.1:{self.cloud.about['tls_port']}"
        endpoints = {name: url for name in self.environment if name.startswith("AWS_ENDPOINT_URL")}
        self.check("run", "--ca-bundle", self.cloud.about["ca"], code=0, environment=endpoints)
        self.assert_rows(1, 1)

    def test_of_another_name(self):
        self.refused(*self.authority.sign("other", "DNS:other.example"), "certificate", "name")

    def test_expired(self):
        self.refused(
            *self.authority.sign("old", "IP:127.0.0.1", end="20210101000000Z"), "certificate", "expired"
        )

    def test_self_signed(self):
        folder = self.authority.folder
        self.authority.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "self.key",
            "-out",
            "self.pem",
            "-subj",
            "/CN=self",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        )
        self.refused(folder + "/self.pem", folder + "/self.key", "it is self-signed", "--ca-bundle")

    def test_of_an_unknown_authority(self):
        self.refused(
            *self.authority.sign("fine", "IP:127.0.0.1"), "certificate", "--ca-bundle", trusted=False
        )


if __name__ == "__main__":
    unittest.main()

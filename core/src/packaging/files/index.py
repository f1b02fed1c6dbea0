# SPDX-License-Identifier: Apache-2.0
"""Asks package indexes, with pip's own client and settings. Runs in pyfOps' venv, where pip is pinned.

Standard input and output are one JSON object each. Nothing that comes from an index is executed here.
"""

import concurrent.futures
import hashlib
import io
import itertools
import json
import os
import re
import sys
import tarfile
import tempfile
import zipfile

from pip._internal.commands import create_command
from pip._internal.index import collector
from pip._internal.models.target_python import TargetPython
from pip._internal.req.req_file import parse_requirements
from pip._internal.utils.urls import url_to_path
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import SpecifierSet
from pip._vendor.packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from pip._vendor.packaging.version import InvalidVersion, Version

MAX_PROJECT_FILE = 1 << 20


class File:
    """A wheel or a source distribution that an index offers."""

    def __init__(self, link):
        self.link = link
        self.name = link.filename
        self.wheel = self.name.endswith(".whl")
        if self.wheel:
            project, self.version, self.build, self.tags = parse_wheel_filename(self.name)
        else:
            project, self.version = parse_sdist_filename(self.name)
            self.build, self.tags = (), frozenset()
        self.project = canonicalize_name(project)
        self.yanked = link.yanked_reason is not None
        self.sha256 = link._hashes.get("sha256")

    def fits_python(self, python):
        return not self.link.requires_python or SpecifierSet(self.link.requires_python).contains(python, True)

    def describe(self):
        return {"file": self.name, "version": str(self.version), "yanked": self.yanked}


class Index:
    def __init__(self, options, requirements):
        command = create_command("install")
        self.options, _ = command.parse_args(options)
        self.command = command
        self.session = command._build_session(self.options)
        self.finder = command._build_package_finder(self.options, self.session, target_python=TargetPython())
        if requirements:  # a requirements file may name indexes
            for _ in parse_requirements(requirements, self.session, finder=self.finder, options=self.options):
                pass

    def files(self, project):
        """Every file of a project, and whether some index did not answer."""
        links, unreachable = [], []

        def from_page(link):
            try:
                response = collector._get_simple_response(link.url.split("#", 1)[0], self.session)
                links.extend(collector.parse_links(collector._make_index_content(response, False)))
            except Exception as error:
                answer = getattr(error, "response", None)
                status = getattr(answer, "status_code", None)
                if status not in (404, 410):
                    unreachable.append(f"status {status}" if status else type(error).__name__)
            return []

        sources = self.finder._link_collector.collect_sources(project, from_page)
        for source in itertools.chain(sources.find_links, sources.index_urls):
            if source is not None:
                list(source.page_candidates())
                links.extend(source.file_links())
        found = {}
        for link in links:
            try:
                one = File(link)
            except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
                continue
            if one.project == canonicalize_name(project):
                # The first place that has a file wins; one that knows its hash is better.
                if one.name not in found or (one.sha256 and not found[one.name].sha256):
                    found[one.name] = one
        return list(found.values()), unreachable

    def fetch(self, file, folder):
        """Puts the file below folder/<sha256>/ and returns the hash."""
        digest = hashlib.sha256()
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as out:
                for piece in self.pieces(file.link):
                    digest.update(piece)
                    out.write(piece)
            sha256 = digest.hexdigest()
            if file.sha256 and file.sha256 != sha256:
                raise Failure("damaged", f"{file.name} does not have the hash that its index states")
            os.makedirs(os.path.join(folder, sha256), exist_ok=True)
            os.replace(temporary, os.path.join(folder, sha256, file.name))
            return sha256
        except BaseException:
            os.unlink(temporary)
            raise

    def pieces(self, link):
        if link.scheme == "file":
            with open(url_to_path(link.url_without_fragment), "rb") as source:
                while piece := source.read(1 << 20):
                    yield piece
            return
        response = self.session.get(
            link.url_without_fragment, headers={"Accept-Encoding": "identity"}, stream=True
        )
        response.raise_for_status()
        yield from response.iter_content(1 << 20)


class Failure(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def settings(request):
    """What the user's pip is set to, for uv: pip.conf and PIP_* as pip itself reads them."""
    options, _ = create_command("install").parse_args([])
    local = [os.path.abspath(place) if os.path.exists(place) else place for place in options.find_links]
    return {
        "index_url": options.index_url or "",
        "extra_index_urls": options.extra_index_urls,
        "find_links": [place for place in local if "://" in place or os.path.exists(place)],
        "no_index": bool(options.no_index),
        "trusted_hosts": options.trusted_hosts,
        "cert": options.cert or "",
        "client_cert": options.client_cert or "",
        "proxy": options.proxy or "",
        "timeout": int(options.timeout),
        "retries": int(options.retries),
    }


def rank(file, tags):
    fitting = [tags[str(tag)] for tag in file.tags if str(tag) in tags]
    return min(fitting) if fitting else None


def wheels(request):
    """Chooses the best wheel of each pinned package and downloads it."""
    index = Index(request["options"], request.get("requirements"))
    tags = {tag: place for place, tag in enumerate(request["tags"])}

    def one(package):
        name, wanted = package["name"], package["version"]
        answer = {"name": name, "version": wanted}
        files, unreachable = index.files(name)
        same = [file for file in files if file.version == Version(wanted)]
        if package.get("file"):
            same = [file for file in same if file.name == package["file"]]
        ranked = [(rank(file, tags), file.build, file) for file in same if file.wheel]
        fitting = [entry for entry in ranked if entry[0] is not None]
        if not fitting:
            bad = {file.version for file in files} - {
                file.version for file in files if rank(file, tags) is not None
            }
            if unreachable and not files:
                answer["unreachable"] = unreachable[0]
            answer["files"] = [file.describe() for file in same]
            answer["unusable"] = [str(version) for version in sorted(bad)]
            return answer
        best = min(place for place, _, _ in fitting)
        _, _, file = max(
            (entry for entry in fitting if entry[0] == best), key=lambda entry: (entry[1], entry[2].name)
        )
        expected = package.get("sha256")
        if expected and file.sha256 and file.sha256 != expected:
            return {**answer, "changed": file.name}
        try:
            answer["sha256"] = index.fetch(file, request["folder"])
        except Failure as failure:
            return {**answer, failure.kind: str(failure)}
        except Exception as error:
            return {**answer, "unreachable": type(error).__name__}
        if expected and answer["sha256"] != expected:
            return {**answer, "changed": file.name}
        answer["file"] = file.name
        return answer

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return {"packages": list(pool.map(one, request["packages"]))}


def listing(request):
    """Every version of a project that its requirement allows, newest first, with its files."""
    index = Index(request["options"], request.get("requirements"))
    files, unreachable = index.files(request["name"])
    allowed = SpecifierSet(f"=={request['version']}" if request.get("version") else "")
    if request.get("requirement"):
        allowed &= Requirement(request["requirement"].split(" --", 1)[0]).specifier
    versions = {}
    for file in files:
        if allowed.contains(file.version, True):
            versions.setdefault(file.version, []).append(file)
    # Finished and not withdrawn ones first, as the resolvers prefer.
    order = sorted(
        versions,
        key=lambda v: (any(not f.yanked for f in versions[v]), not v.is_prerelease, v),
        reverse=True,
    )
    return {
        "known": bool(files),
        "unreachable": unreachable[0] if unreachable else "",
        "versions": [
            {
                "version": str(version),
                "files": [
                    {**file.describe(), "python": file.fits_python(request["python"])}
                    for file in versions[version]
                ],
            }
            for version in order[:50]
        ],
    }


def project_file(content, name):
    """pyproject.toml of a source distribution, read and not run."""
    pattern = re.compile(r"[^/]+/pyproject\.toml")
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if pattern.fullmatch(entry.filename) and entry.file_size <= MAX_PROJECT_FILE:
                    return archive.read(entry).decode()
        return ""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            if pattern.fullmatch(entry.name) and entry.isfile() and entry.size <= MAX_PROJECT_FILE:
                return archive.extractfile(entry).read().decode()
    return ""


def sdist(request):
    """Downloads one source distribution and says what building it needs."""
    import tomllib

    index = Index(request["options"], request.get("requirements"))
    files, unreachable = index.files(request["name"])
    same = [file for file in files if not file.wheel and file.version == Version(request["version"])]
    if request.get("file"):
        same = [file for file in same if file.name == request["file"]]
    same.sort(key=lambda file: (file.name.endswith(".tar.gz"), file.name))
    if not same:
        return {"unreachable": unreachable[0]} if unreachable else {"missing": True}
    file = same[-1]
    try:
        sha256 = index.fetch(file, request["folder"])
    except Exception as error:
        return {"unreachable": type(error).__name__}
    with open(os.path.join(request["folder"], sha256, file.name), "rb") as source:
        text = project_file(source.read(), file.name)
    system = tomllib.loads(text).get("build-system", {}) if text else {}
    backend = system.get("build-backend", "setuptools.build_meta:__legacy__")
    requires = system.get("requires", ["setuptools", "wheel"])
    for requirement in requires:
        if Requirement(requirement).url:
            return {"unusable": f"its build needs '{requirement}', which is not a released version"}
    if backend.startswith("setuptools"):
        requires = [*requires, "wheel"]
    return {
        "file": file.name,
        "sha256": sha256,
        "requires": requires,
        "backend": backend,
        "backend_path": system.get("backend-path", []),
    }


def main():
    request = json.load(sys.stdin)
    commands = {"settings": settings, "wheels": wheels, "list": listing, "sdist": sdist}
    # pip logs to standard output.
    answers, sys.stdout = sys.stdout, sys.stderr
    answer = commands[request["do"]](request)
    json.dump(answer, answers)


if __name__ == "__main__":
    main()

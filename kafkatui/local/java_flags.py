"""The command lines that make Java run Kafka with little time and memory; and the class archive (AppCDS) that
halves its start time."""

import hashlib
import os
import shutil
from pathlib import Path

from kafkatui.local.jars import Jars
from kafkatui.local.java import Java

SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
)
"""Settings of the logger downloaded with Kafka. A Kafka of ``KAFKA_HOME`` uses log4j, which reads a file."""


def archive_path(cache: Path, java: Java, jars: Jars) -> Path:
    """The path in the cache of the class archive (some 60 MB) for exactly this Java and these jars."""
    inputs = f"{java.executable.resolve()} {java.version} {jars.fingerprint} {SMALL}"
    return cache / f"classes-{jars.version}-{hashlib.sha256(inputs.encode()).hexdigest()[:16]}.jsa"


def run_command(
    java: Java,
    jars: Jars,
    main: str,
    *arguments: str,
    heap: str,
    directory: Path,
    archive: Path,
    note: Path | None = None,
) -> list[str]:
    """The command that runs a main class of Kafka. ``note``: a file for the names of all classes it loads, if
    there is no archive yet; ``None``: not written.

    ``directory``: for the files that Java would write to other places (temporary files, crash logs).
    """
    command = [str(java.executable), f"-Xmx{heap}", *SMALL]
    command += ["-XX:-UsePerfData", f"-XX:ErrorFile={directory}/java-crash-%p.log"]
    command += [f"-Djava.io.tmpdir={directory}", *LOGGING]
    command.append(f"-Dlog4j2.configurationFile={directory}/log4j2.properties")
    if archive.is_file():
        command += [
            "-Xshare:auto",
            f"-XX:SharedArchiveFile={archive}",
            "-Xlog:cds=off",
            "-Xlog:class+path=off",
        ]
    elif note is not None:
        command.append(f"-XX:DumpLoadedClassList={note}")
    return [*command, "-cp", jars.class_path, main, *arguments]


def archive_command(java: Java, jars: Jars, note: Path, archive: Path) -> list[str]:
    """The command that makes the class archive from the names of loaded classes; it takes some 10 s of one
    core."""
    dump = ["-Xshare:dump", f"-XX:SharedClassListFile={note}", f"-XX:SharedArchiveFile={archive}"]
    return [str(java.executable), *SMALL, "-Xmx256m", "-XX:-UsePerfData", *dump, "-cp", jars.class_path]


def forget_old_archives(archive: Path) -> None:
    """Delete the archives for the same version of Kafka with another Java or other jars."""
    version = archive.name.rpartition("-")[0]
    for other in archive.parent.glob(f"{version}-*.jsa"):
        if other != archive:
            other.unlink(missing_ok=True)


def finish_archive(made: Path, archive: Path) -> None:
    """Move a complete archive to its path in the cache, where the next start finds it."""
    partial = archive.with_suffix(f".{os.getpid()}")
    shutil.move(made, partial)
    partial.replace(archive)
    forget_old_archives(archive)

"""What is vendored is what the manifest says, and nothing else."""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "MANIFEST.json").read_text())["packages"]


def test_every_vendored_file_has_the_checksum_of_the_manifest():
    listed = {name: digest for package in PACKAGES for name, digest in package["files"].items()}
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }
    assert found == listed


def test_every_package_names_its_source_version_and_licence():
    for package in PACKAGES:
        assert package["registry"] == "npm"
        assert all(package[field] for field in ("name", "version", "licence"))
        assert any(Path(name).name == "LICENSE" for name in package["files"])


def test_no_vendored_script_asks_for_a_source_map():
    for script in VENDOR.rglob("*.js"):
        assert "sourceMappingURL" not in script.read_text()


def test_the_sprite_holds_every_icon_that_a_template_names():
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (VENDOR / "lucide" / "icons.svg").read_text()))
    used = {
        name
        for template in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)" %}', template.read_text())
    }
    assert used
    assert used <= sprite

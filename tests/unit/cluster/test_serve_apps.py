from __future__ import annotations

from pathlib import Path

import pytest

from cluster.serve_apps import CONFIG, read_config
from runtime.errors import Invalid


def test_the_configuration_in_the_repository_names_both_applications_on_loopback() -> None:
    config = read_config(CONFIG, host="127.0.0.1", port=8123)
    assert {application["name"] for application in config["applications"]} == {"models", "gateway"}
    assert config["http_options"]["host"] == "127.0.0.1"
    assert config["http_options"]["port"] == 8123


def test_only_the_gateway_is_reachable_over_http() -> None:
    config = read_config(CONFIG, host="127.0.0.1", port=8000)
    routes = {application["name"]: application["route_prefix"] for application in config["applications"]}
    assert routes == {"models": None, "gateway": "/"}


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "serve.yaml"
    file.write_text("applications: [")
    with pytest.raises(Invalid, match="YAML"):
        read_config(file, host="127.0.0.1", port=8000)
    file.write_text("proxy_location: HeadOnly")
    with pytest.raises(Invalid, match="no applications"):
        read_config(file, host="127.0.0.1", port=8000)

"""A program of the tests, as an operator's ``serve deploy`` (which needs the dashboard): a running stack's applications
deployed anew. ``python serve_driver.py ADDRESS PORT RELEASE``; it prints when it began, in monotonic seconds."""

from __future__ import annotations

import logging
import sys
import time

from cluster import serve_apps


def main(address: str, port: str, release: str) -> None:
    import ray

    ray.init(address=address, namespace="serve", log_to_driver=False, logging_level=logging.ERROR)
    config = serve_apps.read_config(serve_apps.CONFIG, host="127.0.0.1", port=int(port))
    for application in config["applications"]:
        application["runtime_env"] = {"env_vars": {"RAGLEAP_TEST_RELEASE": release}}
    client = serve_apps.start_serve(config)
    print(time.monotonic(), flush=True)
    serve_apps.deploy(client, config)
    serve_apps.wait_running([each["name"] for each in config["applications"]], deadline_s=120, say=lambda text: None)
    ray.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])

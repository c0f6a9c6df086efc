"""Embeddings over HTTP, from a real local server that speaks OpenAI's form; vectors of two models never mix."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from kb_samples import write_documents

from ingest.errors import StoreError
from kb import KnowledgeBase
from kb.embed import default_embedder
from kb.embedders import embedder_from_setting
from kb.endpoint import EndpointEmbedder
from kb.types import Filters


@contextmanager
def service(reply):
    """The address of a server whose answers `reply` makes from the request's body and headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = reply(self.path, self.headers, asked)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def embeddings(path, headers, asked):
    """What OpenAI answers, with vectors of the shipped model three times as long, last text first."""
    assert path == "/v1/embeddings"
    assert headers["Authorization"] == "Bearer secret"
    vectors = 3 * default_embedder().encode(asked["input"])
    data = [{"object": "embedding", "index": i, "embedding": v.tolist()} for i, v in enumerate(vectors)]
    return 200, {"object": "list", "model": asked["model"], "data": data[::-1]}


def test_vectors_come_in_the_order_of_the_texts_at_unit_length():
    texts = [f"第{i}条 缴费比例为{i}%" for i in range(150)]  # more than one request
    with service(embeddings) as url:
        embedder = embedder_from_setting(f"openai:some-model@{url}", "secret")
        assert (embedder.name, embedder.dimension) == (f"openai:some-model@{url}", default_embedder().dimension)
        np.testing.assert_allclose(embedder.encode(texts), default_embedder().encode(texts), atol=1e-5)
        assert embedder.encode([]).shape == (0, embedder.dimension)


def test_a_base_made_with_an_endpoint_keeps_to_it(tmp_path, monkeypatch):
    with service(embeddings) as url:
        monkeypatch.setenv("FADU_EMBEDDER", f"openai:some-model@{url}")
        monkeypatch.setenv("FADU_EMBEDDER_KEY", "secret")
        with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
            kb.ingest([write_documents(tmp_path)])
            assert "82%" not in kb.search("三级医院支付比例", k=1, filters=Filters()).hits[0].quote
            assert kb.doctor() == []
    monkeypatch.delenv("FADU_EMBEDDER")
    with (
        KnowledgeBase.open(tmp_path / "kb") as kb,
        pytest.raises(StoreError, match=r"made by openai:some-model@http.* not by fadu-static.* doctor --repair"),
    ):
        kb.search("三级医院支付比例")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, {}), "HTTP 401"),  # a wrong key is not tried again
        ((200, {"error": "no such model"}), "holds no embeddings"),
        ((200, {"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": [1.0]}]}), "no embeddings|shape"),
    ],
)
def test_a_service_that_fails_is_named_with_what_to_do(answer, message):
    with (
        service(lambda *asked: answer) as url,
        pytest.raises(StoreError, match=f"/v1/embeddings: .*({message}).*check"),
    ):
        EndpointEmbedder(url, "some-model")


def test_a_busy_service_is_asked_again(monkeypatch):
    monkeypatch.setattr("kb.endpoint.time.sleep", lambda seconds: None)
    answers = iter([(503, {}), (429, {}), (200, {"data": [{"index": 0, "embedding": [3.0, 4.0]}]})])
    with service(lambda *asked: next(answers)) as url:
        assert EndpointEmbedder(url, "some-model").dimension == 2


@pytest.mark.parametrize("setting", ["bge", "openai:model", "static:", "openai:m@ftp://x"])
def test_a_setting_that_names_nothing_is_refused(setting):
    with pytest.raises(StoreError, match=r"names no embedder|not the address"):
        embedder_from_setting(setting)


def test_a_service_that_is_not_there_is_said_to_be_unreachable():
    with pytest.raises(StoreError, match="the embedding service failed"):
        EndpointEmbedder("http://127.0.0.1:1/v1", "some-model")

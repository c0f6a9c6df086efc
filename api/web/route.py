"""What the pages share: their router, whose errors are pages too, and the filters of an address line."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.library import Library, library_of
from api.parsing import BusyError, StoppedError
from api.problems import ApiError
from api.web.refusals import said_in_chinese
from api.web.view import render
from ingest.errors import FaduError, StoreError

if TYPE_CHECKING:
    from kb.types import Filters

Reader = Annotated[Library, Depends(library_of)]

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_LONGEST = 200
_EXPLAINED = {
    403: ("没有权限", "当前的密钥不能做这件事；请联系管理员。"),
    404: ("没有找到", "它可能已被删除或改名；可从文档列表或检索重新进入。"),
    413: ("文件太大", "请拆分后再上传，或请管理员提高上传上限（--max-upload）。"),
    415: ("不支持这种文件", "可上传 txt、md、html、pdf、ofd、docx、xlsx、csv、epub。"),
    422: ("请求无法处理", "请检查填写的内容。"),
    503: ("知识库正忙", "可能正在入库其他文件，请稍候几秒再试。"),
    507: ("服务器磁盘已满", "没有存入任何内容；请联系管理员。"),
}


class PageError(ApiError):
    """A refusal of a page itself, said in Chinese."""


class PageRoute(APIRoute):
    """A route whose refusals are pages that say what to do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except HTTPException as error:
                if error.status_code == 401:
                    raise  # a browser asks for the key by its header
                return error_page(request, error.status_code, detail_of(error))
            except RequestValidationError as error:
                fields = "、".join(dict.fromkeys(str(e["loc"][-1]) for e in error.errors()))
                return error_page(request, 422, f"填写得不合要求：{fields}")
            except (StoreError, BusyError, StoppedError) as error:
                return error_page(request, 503, said_in_chinese(error))
            except FaduError as error:
                return error_page(request, 422, said_in_chinese(error))

        return handle_as_page


def error_page(request: Request, status: int, detail: str = "") -> Response:
    """A refusal as a page; `detail` says more than the status does."""
    title, advice = _EXPLAINED.get(status, ("出了问题", "请返回上一页重试。"))
    return render(request, "error.html", status, title=title, advice=advice, detail=detail)


def detail_of(error: HTTPException) -> str:
    """What a refusal says in Chinese; empty where it speaks to programs alone."""
    message = getattr(error, "message", None)
    if message is not None:
        return said_in_chinese(error)
    return str(error.detail) if isinstance(error, PageError) else ""


def text_of(request: Request, name: str) -> str:
    """A value of the query without blanks around it, empty where there is none."""
    return request.query_params.get(name, "").strip()[:_LONGEST]


def number_of(request: Request, name: str, default: int) -> int:
    """A whole number of the query from 1 to 100,000, else the default."""
    text = text_of(request, name)
    return min(max(int(text), 1), 100_000) if text.isascii() and text.isdigit() else default


def filters_from_request(request: Request) -> Filters:
    """The filters of the query; empty ones narrow nothing.

    Raises:
        PageError: a date is none.
    """
    from kb.types import FILTER_NAMES, Filters

    values: dict[str, Any] = {name: text_of(request, name) or None for name in FILTER_NAMES}
    for name in ("date_from", "date_to", "as_of"):
        if values[name] and not _DATE.fullmatch(values[name] or ""):
            raise PageError(422, f"日期应写作 2024、2024-03 或 2024-03-31，而不是“{values[name]}”")
    return Filters(**values)


def chosen(filters: Filters) -> dict[str, str]:
    """The filters that are set, by name."""
    from kb.types import FILTER_NAMES

    return {name: value for name in FILTER_NAMES if (value := getattr(filters, name)) is not None}

"""What went wrong, in Chinese: a message where the error has one, else what can be said of its kind."""

from __future__ import annotations

from ingest.errors import LockedError, MissingExtraError, QueryError, StoreError
from ingest.messages import Message

_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (LockedError, "知识库正忙，另一处正在写入；请稍候再试"),
    (MissingExtraError, "服务器没有安装这项功能；请联系管理员"),
    (StoreError, "知识库暂时打不开或写不进去；请联系管理员"),
    (QueryError, "条件看不懂；请检查填写的内容"),
)


def said_in_chinese(error: Exception) -> str:
    """What is wrong and what to do about it.

    >>> from ingest.messages import say
    >>> said_in_chinese(QueryError(say("no_document", identity="a1")))
    '知识库中没有这份文件（a1）；它可能已被删除，请从文档列表进入'
    >>> said_in_chinese(QueryError("the cursor is of another list"))
    '条件看不懂；请检查填写的内容'
    """
    message: Message | None = getattr(error, "message", None)
    if message is not None:
        return message.said("zh")
    return next((said for kind, said in _KINDS if isinstance(error, kind)), "出了问题；请返回上一页重试")

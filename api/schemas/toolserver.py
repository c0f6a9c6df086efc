"""What the tool server takes."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.schemas.fields import FilterText


class PassageSearch(BaseModel):
    """What to look for."""

    query: str = Field(min_length=1, max_length=2000, description="question or words, in either script")
    k: int = Field(8, ge=1, le=50, description="at most so many")
    document: FilterText = Field(None, description="words of a title")
    region: FilterText = Field(None, description="place, e.g. 浙江省")


class RuleSearch(BaseModel):
    """Which rules."""

    indicator: FilterText = Field(None, description="what is measured, e.g. 报销比例")
    region: FilterText = Field(None, description="place, e.g. 浙江省")
    scheme: FilterText = Field(None, description="insurance scheme, e.g. 职工医保")
    institution: FilterText = Field(None, description="level of institution, e.g. 三级医院")
    document: FilterText = Field(None, description="words of a title")
    limit: int = Field(20, ge=1, le=50, description="at most so many")


class AddressSought(BaseModel):
    """An address."""

    address: str = Field(
        min_length=1,
        max_length=200,
        description="a document's title and an article, in either script",
        examples=["社会保险法第二十三条第二款"],
    )


class DocumentsSought(BaseModel):
    """Which documents."""

    region: FilterText = Field(None, description="place, e.g. 浙江省")
    status: FilterText = Field(None, description="有效, 已修改, 已废止, 尚未施行 or 日期不明")


class NumberSought(BaseModel):
    """A number and what it is said of."""

    number: str = Field(min_length=1, max_length=100, description="with its unit: 60%, 1000元, 90日")
    about: str = Field(min_length=1, max_length=2000, description="what it is said of")

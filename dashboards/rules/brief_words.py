"""The sentences of a monthly brief: what the figures say and nothing else.

Short official Chinese. Numbers stand beside the month before and the target. No branch is named, nothing is
ranked, nobody is blamed; what did not happen is said in so many words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db.models import TextChoices

from dashboards.rules.brief_facts import OTHERS, Coming, Counted, Facts
from periods.months import Month

# How many lines a sentence names; the table below it holds them all.
NAMED = 3
NAMED_COMING = 8
SOON_DAYS = 14


class BriefState(TextChoices):
    DRAFT = "draft", "草稿"
    RELEASED = "released", "已发布"


class BriefSection(TextChoices):
    """The parts of a brief, in their order."""

    WHOLE = "whole", "总体完成情况"
    DATES = "dates", "逾期与即将到期"
    PROBLEMS = "problems", "问题整改与重复出错"
    LOAD = "load", "工作负担"
    NEXT = "next", "下月工作提示"


def heading(section: str) -> str:
    """“一、总体完成情况”."""
    numbers = dict(zip(BriefSection.values, "一二三四五", strict=True))
    return f"{numbers[section]}、{BriefSection(section).label}"


def title_of(month: Month) -> str:
    return f"关于 {month.label}党支部工作完成情况的通报"


def sentences_of(facts: Facts) -> dict[str, str]:
    """Every section's generated text, paragraphs apart by line ends."""
    return {section.value: "\n".join(_WRITERS[section](facts)) for section in BriefSection}


# --- one: how it went ----------------------------------------------------------------------------


def _whole(facts: Facts) -> Iterable[str]:
    now = facts.now
    if not now.asked:
        yield f"{facts.of.number} 月没有要求办理的事项。"
        return
    yield (
        f"{facts.of.number} 月，{_who(facts)}应办事项 {now.asked} 项，按时办结 {now.on_time} 项，"
        f"逾期办结 {now.done_late} 项，尚未办结 {now.open} 项。"
    )
    if now.rate is not None:
        yield f"按时完成率 {now.rate}%，{_against_before(facts)}，{_against_target(now.rate, facts.target)}。"
    if facts.has_index:
        yield _index(facts)


def _who(facts: Facts) -> str:
    return f"{facts.place}及所属 {facts.branches} 个党支部" if facts.branches else facts.place


def _against_before(facts: Facts) -> str:
    now, before = facts.now.rate, facts.before.rate
    if now is None or before is None:
        return "上月没有可比的数据"
    if now == before:
        return "与上月持平"
    return f"比上月{'提高' if now > before else '下降'} {abs(now - before)} 个百分点"


def _against_target(rate: int, target: int) -> str:
    if rate == target:
        return f"达到目标（{target}%）"
    return f"{'高于' if rate > target else '低于'}目标（{target}%）{abs(rate - target)} 个百分点"


def _index(facts: Facts) -> str:
    now, before = facts.now.index, facts.before.index
    if now is None or before is None:
        return f"主动性指数 {now}，上月没有可比的数据。"
    if now == before:
        return f"主动性指数 {now}，与上月持平。"
    return f"主动性指数 {now}，比上月{'上升' if now > before else '下降'} {abs(now - before)}。"


# --- two: what is late and what is due soon --------------------------------------------------------


def _dates(facts: Facts) -> Iterable[str]:
    day = _day(facts)
    if facts.late:
        yield f"截至 {day}，逾期尚未办结的事项 {facts.late_items} 项{_named(facts.late, '项')}。"
    elif not facts.now.done_late:
        yield f"本月没有逾期事项；截至 {day}，以前月份的事项也没有逾期未办的。"
    else:
        yield f"截至 {day}，没有逾期未办的事项。"
    if facts.soon:
        yield f"此后 {SOON_DAYS} 天内到期的事项 {facts.soon_items} 项{_named(facts.soon, '项')}。"
    else:
        yield f"此后 {SOON_DAYS} 天内没有到期的事项。"


def _day(facts: Facts) -> str:
    return f"{facts.as_of.month} 月 {facts.as_of.day} 日"


def _named(lines: Sequence[Counted], unit: str) -> str:
    """“，其中甲 3 项，乙 2 项”: the most frequent ones; all of them where they are few."""
    most = sorted(lines, key=lambda line: (line.name == OTHERS, -line.items))[:NAMED]
    # Names may hold “、” themselves.
    said = "，".join(f"{_then_number(line.name)}{line.items} {unit}" for line in most)
    return f"，{'其中' if len(lines) > NAMED else '为'}{said}"


def _then_number(name: str) -> str:
    """With a blank before a number, unless the name ends with a wide bracket."""
    return name if name.endswith(("）", "”")) else f"{name} "


# --- three: what was found and what came back ------------------------------------------------------


def _problems(facts: Facts) -> Iterable[str]:
    if facts.problems_new or facts.problems_closed:
        yield f"{facts.of.number} 月登记问题 {facts.problems_new} 个，整改销号 {facts.problems_closed} 个。"
    else:
        yield f"{facts.of.number} 月没有新登记的问题，也没有销号的问题。"
    yield _unsettled(facts)
    if not facts.found:
        yield "近 12 个月没有发生问题。"
        return
    yield f"近 12 个月发生问题 {facts.found} 个{_named(facts.categories, '个')}。"
    yield _repeated(facts)


def _unsettled(facts: Facts) -> str:
    if not facts.problems_open:
        return "月末没有未了结的问题。"
    within = "都在整改期限以内" if facts.problems_open > 1 else "在整改期限以内"
    late = f"其中超过整改期限 {facts.problems_late} 个" if facts.problems_late else within
    return f"月末未了结的问题 {facts.problems_open} 个，{late}。"


def _repeated(facts: Facts) -> str:
    if not facts.repeated:
        return "其中没有再次出现的问题。"
    share = f"其中再次出现 {facts.repeated} 个，占 {round(100 * facts.repeated / facts.found)}%"
    names = "、".join(f"“{_inner(line.name)}”{line.items} 次" for line in facts.repeats[:NAMED])
    return f"{share}；出现两次以上的有{names}。" if names else f"{share}。"


def _inner(name: str) -> str:
    """What is quoted itself, with quotation marks for inside."""
    return name.replace("“", "‘").replace("”", "’")


# --- four: what the month asked --------------------------------------------------------------------


def _load(facts: Facts) -> Iterable[str]:
    if not facts.asked:
        yield f"{facts.of.number} 月没有要求党支部办理的事项。"
        return
    hours = round(facts.minutes / 60)
    yield (
        f"{facts.of.number} 月要求党支部办理事项 {facts.asked} 项，预计用时 {facts.minutes} 分钟"
        f"（约 {hours} 小时），平均每个党支部 {facts.average} 分钟，额度为 {facts.budget} 分钟。"
    )
    yield _budget(facts)
    said = "、".join(f"{one.name} {one.minutes} 分钟（占 {one.percent}%）" for one in facts.askers)
    yield f"按要求的来源分：{said}。"


def _budget(facts: Facts) -> str:
    if facts.over:
        return f"{facts.branches} 个党支部中有 {facts.over} 个超过额度。"
    return f"{facts.branches} 个党支部都没有超过额度。" if facts.branches > 1 else "没有超过额度。"


# --- five: what comes ------------------------------------------------------------------------------


def _next(facts: Facts) -> Iterable[str]:
    month = facts.of.next()
    if not facts.coming:
        yield f"目前没有 {month.number} 月到期的事项。"
        return
    items = sum(line.items for line in facts.coming)
    yield f"{month.number} 月到期的事项有 {len(facts.coming)} 类、{items} 项，请提前安排。"
    said = "；".join(f"{line.name}，{until(line)}" for line in facts.coming[:NAMED_COMING])
    more = f"；其余 {len(facts.coming) - NAMED_COMING} 类见附表" if len(facts.coming) > NAMED_COMING else ""
    yield f"按到期先后：{said}{more}。"


def until(line: Coming) -> str:
    """“11 月 13 日前完成”, or from which day to which the days lie."""
    first, last = line.days
    if first == last:
        return f"{first.month} 月 {first.day} 日前完成"
    return f"{first.month} 月 {first.day} 日至 {last.day} 日分别到期"


_WRITERS: Mapping[BriefSection, Callable[[Facts], Iterable[str]]] = {
    BriefSection.WHOLE: _whole,
    BriefSection.DATES: _dates,
    BriefSection.PROBLEMS: _problems,
    BriefSection.LOAD: _load,
    BriefSection.NEXT: _next,
}


# --- prepared again --------------------------------------------------------------------------------


def changes_between(old: Facts, new: Facts) -> list[str]:
    """In words what is different now; nothing where the figures are the same."""
    pairs = (
        ("按时完成率", _percent(old.now.rate), _percent(new.now.rate)),
        ("应办事项", f"{old.now.asked} 项", f"{new.now.asked} 项"),
        ("按时办结", f"{old.now.on_time} 项", f"{new.now.on_time} 项"),
        ("逾期办结", f"{old.now.done_late} 项", f"{new.now.done_late} 项"),
        ("尚未办结", f"{old.now.open} 项", f"{new.now.open} 项"),
        ("逾期未办的事项", f"{old.late_items} 项", f"{new.late_items} 项"),
        (f"{SOON_DAYS} 天内到期的事项", f"{old.soon_items} 项", f"{new.soon_items} 项"),
        ("近 12 个月的问题", f"{old.found} 个", f"{new.found} 个"),
        ("月末未了结的问题", f"{old.problems_open} 个", f"{new.problems_open} 个"),
        ("预计用时", f"{old.minutes} 分钟", f"{new.minutes} 分钟"),
        ("下月到期的事项", f"{_items(old)} 项", f"{_items(new)} 项"),
    )
    said = [f"{name}由{_spaced(then)}变为{_spaced(now).rstrip()}" for name, then, now in pairs if then != now]
    sections = sentences_of(new)
    other = any(text != sections[key] for key, text in sentences_of(old).items())
    return said or (["其他数据有变化"] if other else [])


def _spaced(words: str) -> str:
    """Blanks between 汉字 and what is none, where the words begin and end."""
    before = " " if words[0].isdigit() else ""
    return f"{before}{words}{' ' if words.endswith('%') else ''}"


def _percent(rate: int | None) -> str:
    return "暂无" if rate is None else f"{rate}%"


def _items(facts: Facts) -> int:
    return sum(line.items for line in facts.coming)

"""Plan tables of station forecast: how much will be wanted, how sure."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table


class Baseline(Table):
    """Weekly, deseasonalised, event-free demand: what the members are fitted to (part of step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    week_index = c.index_key("negative: closed weeks")
    baseline_qty = c.qty("demand of a full, ordinary week; empty where missing", required=False)
    estimate_variance_qty2 = c.rate("variance of estimated demand around the truth", required=True, least=0.0)
    is_censored = c.yes("some of the week was sold out")


class Member(Table):
    """Forecasts of the fitted members on the deseasonalised weekly grain (part of step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    member = c.key("name of the member")
    week_index = c.index_key("0 is the week of the first open day")
    member_qty = c.qty("units in an ordinary week", least=0.0)


class MemberFit(Table):
    """Parameters of a node's fitted members, run over newer weeks until the next fit (part of step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    member = c.key("name of the member")
    fitted_date = c.day("as-of of the night when all members of the node were fitted", required=True)
    first_date = c.day("first day of the first week it was fitted to", required=True)
    weeks = c.whole("weeks it was fitted to")
    model = c.text("letters of the model as its library names it; empty where it could not be fitted")
    season_weeks = c.whole("weeks of its season; 1 is none")
    parameters = c.numbers("smoothing parameters, then the states before the first week")
    tracking_rate = c.rate("smoothed error over smoothed absolute error when it was fitted", required=True)
    checked_from = c.day("first day of the history that checksum covers", required=True)
    checksum = c.text("checksum of that history up to fitted_date", required=True)


class Score(Table):
    """How members did over past origins, by kind of demand, and which are in use (step score)."""

    member = c.key("member or combination")
    demand_class = c.key("kind of demand, or `all`")
    window = c.word_key("sum over the protection time, or one week", "protection", "week")
    origin_count = c.whole("origins scored")
    cell_count = c.whole("node and origin pairs scored")
    wape_rate = c.rate("sum of absolute errors over sum of demand")
    bias_rate = c.rate("sum of errors over sum of demand")
    rmsse_rate = c.rate("root mean squared scaled error, mean over nodes")
    value_added_rate = c.rate("rmsse of seasonal_naive minus this one")
    pinball_rate = c.rate("pinball loss at the critical ratio over a node's usual weekly change, mean over windows")
    gain_rate = c.rate("share of the moving average's pinball loss saved on the same windows")
    gain_error_rate = c.rate("standard error of gain_rate, by nodes and weeks")
    is_used = c.yes("tonight's forecast of this kind of demand is made with it")


class PastMember(Table):
    """What fitted members said on earlier nights, or would have said: the evidence on them (part of step score)."""

    item_id = c.key("item")
    location_id = c.key("location")
    member = c.key("name of the member")
    origin_date = c.day_key("last closed day when the forecast was made")
    level_qty = c.qty("mean forecast of the next four ordinary weeks", least=0.0)


class Calibration(Table):
    """Do the promised levels hold? Past windows against the law they had (step score)."""

    category = c.key("category, or `all`")
    window = c.word_key("sum over the protection time, or a single bucket", "protection", "bucket")
    level_share = c.share_key("promised level")
    achieved_share = c.share("share of randomised PIT values at or below it, width_rate applied", required=True)
    window_count = c.whole("windows that do not overlap")
    recalibrated_share = c.share("level at which the law achieves the promised one")
    width_rate = c.rate("the law's variance is multiplied with it so that high levels hold", required=True, least=0.0)


class PromiseLaw(Table):
    """What kept and broken promises say of the law of demand (step recalibrate); groups of more than 2,000."""

    category = c.key("category, or `all`")
    promise_count = c.whole("promises whose window is over")
    promised_share = c.share("mean chance of running out that the law alone would have promised", required=True)
    achieved_share = c.share("share of them that ran out", required=True)
    width_rate = c.rate("factor on the law's variance by which they hold; 1 without an alarm", required=True, least=0.0)


class ErrorLaw(Table):
    """Variance of the error of a window's sum, pooled: a f + b f^2 (step score)."""

    category = c.key("category, or `all`")
    window_weeks = c.index_key("length of the window in weeks; 0 is a single planning bucket")
    linear_rate = c.rate("a", required=True, least=0.0)
    quadratic_rate = c.rate("b", required=True, least=0.0)
    row_count = c.whole("node and origin pairs behind it")


class ErrorFactor(Table):
    """A node's own errors beside its group's law, shrunk (step score)."""

    item_id = c.key("item")
    location_id = c.key("location")
    factor_rate = c.rate("multiplies the group's variance of a window's sum", required=True, least=0.0)
    bucket_factor_rate = c.rate("multiplies the group's variance of a single bucket", required=True, least=0.0)
    origin_count = c.whole("past origins scored")
    effective_count = c.rate("independent windows they amount to", required=True, least=0.0)


class Forecast(Table):
    """How much, bucket by bucket, how sure (step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("0 is the first open bucket")
    bucket_start = c.day("first day", required=True)
    forecast_qty = c.qty("mean of unconstrained demand", least=0.0)
    baseline_qty = c.qty("the same without events", least=0.0)
    event_qty = c.qty("what events add or take: forecast_qty less baseline_qty")
    index_rate = c.rate("season index", required=True, least=0.0)
    uplift_rate = c.rate("event uplift", required=True, least=0.0)
    variance_qty2 = c.rate("variance of the error of the sum of buckets 0..t", required=True, least=0.0)


class Total(Table):
    """What forecasts add up to, week by week: every category, its parents and all, at every location and at all."""

    category = c.key("category path or one of its parents, or `all`")
    location_id = c.key("location, or `all`")
    week_index = c.index_key("0 is the week of the first open day")
    week_start = c.day("first open day", required=True)
    node_count = c.whole("items at locations added up")
    forecast_qty = c.qty("sum of their forecasts", least=0.0)
    event_qty = c.qty("what events add or take of it")
    forecast_value = c.money("the same at selling prices, of nodes with known price or cost", required=True, least=0.0)


class Parameter(Table):
    """What lies behind a node's forecast: one row for every node with demand of its own (step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    method = c.word("how made", "ensemble", "intermittent", "seasonal_sma", "new_item", "dead", "no_demand", "none")
    members = c.text("forecasts blended into the mean, joined by ` + `; empty where none of its own history is in it")
    reason = c.text("why there is no forecast; empty where there is one")
    family = c.word("law of demand", "negative_binomial", "gamma")
    weekly_level_qty = c.qty("deseasonalised units in an ordinary week", least=0.0)
    phi = c.rate("linear dispersion of one bucket", required=True, least=0.0)
    kappa = c.rate("quadratic dispersion of one bucket", required=True, least=0.0)
    rho = c.share("share of the quadratic part common to all buckets", required=True)
    history_buckets = c.whole("available buckets behind it")
    window_count = c.whole("coverage windows H the decision may look at")
    is_clipped = c.yes("a member or forecast was clipped or dropped")
    is_identified = c.yes("the level could be told from the data")

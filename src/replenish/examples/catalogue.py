"""The retail company's assortment: 42 items sold in every shop, from daily bread-and-butter to one piece a quarter."""

from __future__ import annotations

from datetime import date

import polars as pl

LAUNCH = date(2026, 10, 5)  # six weeks before as-of
FAREWELL = date(2026, 12, 31)
FADES = date(2026, 3, 1)

# item, name, category, source, unit cost, unit price, units a day in an average shop, variance over mean, pack
_ROWS = (
    ("A-001", "Fresh milk 1 l", "food/fresh", "DAIRY", 0.72, 1.19, 18.0, 1.5, 6),
    ("A-002", "Natural yoghurt 500 g", "food/fresh", "DAIRY", 0.85, 1.49, 7.0, 1.6, 6),
    ("A-003", "Wholemeal loaf 750 g", "food/fresh", "DAIRY", 0.95, 2.59, 6.0, 1.5, 5),
    ("A-004", "Penne 500 g", "food/dry", "NORDFOOD", 0.55, 1.09, 9.0, 1.8, 12),
    ("A-005", "Basmati rice 1 kg", "food/dry", "NORDFOOD", 1.35, 2.49, 4.0, 1.6, 8),
    ("A-006", "Tomato passata 690 g", "food/dry", "NORDFOOD", 0.70, 1.39, 6.5, 1.8, 6),
    ("A-007", "Olive oil 750 ml", "food/dry", "NORDFOOD", 5.20, 8.99, 1.8, 1.5, 6),
    ("A-008", "Rye crispbread", "food/dry", "NORDFOOD", 0.95, 1.79, 2.6, 1.5, 10),
    ("A-009", "Honey 500 g", "food/dry", "NORDFOOD", 2.90, 5.49, 1.2, 1.4, 6),
    ("A-010", "Muesli mix 500 g", "food/mixes", "PLANT", 1.30, 3.29, 3.2, 1.5, 6),
    ("A-011", "Trail mix 200 g", "food/mixes", "PLANT", 1.10, 2.99, 4.0, 1.6, 6),
    ("A-012", "Breakfast box, small", "food/mixes", "PLANT", 4.60, 9.90, 0.7, 1.4, 2),
    ("A-013", 'Müsli "Alpen" 1 kg; loose', "food/mixes", "PLANT", 2.50, 5.90, 1.1, 1.4, 4),
    ("A-014", "Mineral water 6 x 1.5 l", "drink/cold", "BEVCO", 1.80, 2.99, 11.0, 2.0, 4),
    ("A-015", "Orange juice 1 l", "drink/cold", "BEVCO", 1.10, 1.99, 7.5, 1.7, 6),
    ("A-016", "Cola 1 l", "drink/cold", "BEVCO", 0.75, 1.39, 9.0, 2.2, 6),
    ("A-017", "Lemonade 0.5 l", "drink/cold", "BEVCO", 0.48, 0.99, 8.0, 2.2, 12),
    ("A-018", "Iced tea 0.5 l", "drink/cold", "BEVCO", 0.52, 1.09, 5.0, 2.0, 12),
    ("A-019", "Malt beer 6 x 0.33 l", "drink/cold", "BEVCO", 3.40, 5.49, 1.6, 1.6, 4),
    ("A-020", "Ground coffee 500 g", "drink/hot", "NORDFOOD", 4.10, 6.99, 3.5, 2.0, 6),
    ("A-021", "Espresso beans 1 kg", "drink/hot", "NORDFOOD", 9.20, 15.90, 0.9, 1.5, 4),
    ("A-022", "Black tea 50 bags", "drink/hot", "NORDFOOD", 1.40, 2.79, 1.5, 1.4, 10),
    ("A-023", "Herbal tea 20 bags", "drink/hot", "NORDFOOD", 1.05, 2.29, 1.8, 1.5, 10),
    ("A-024", "Drinking chocolate 400 g", "drink/hot", "NORDFOOD", 1.95, 3.69, 0.8, 1.4, 8),
    ("A-025", "Washing-up liquid", "household/cleaning", "FARHOME", 0.80, 1.59, 2.4, 1.5, 8),
    ("A-026", "Dishwasher tablets 40", "household/cleaning", "FARHOME", 4.80, 8.49, 1.3, 1.8, 6),
    ("A-027", "All-purpose cleaner 1 l", "household/cleaning", "FARHOME", 1.05, 2.19, 1.4, 1.4, 8),
    ("A-028", "Sponges, pack of 5", "household/cleaning", "FARHOME", 0.40, 1.29, 1.6, 1.4, 20),
    ("A-029", "Bin liners 35 l", "household/cleaning", "FARHOME", 0.65, 1.69, 1.9, 1.4, 20),
    ("A-030", "LED bulb E27", "household/electric", "FARHOME", 1.90, 4.49, 0.45, 1.3, 10),
    ("A-031", "Batteries AA, pack of 8", "household/electric", "FARHOME", 2.60, 6.49, 0.9, 1.5, 10),
    ("A-032", "Extension lead 3 m", "household/electric", "FARHOME", 4.20, 9.99, 0.08, 1.1, 4),
    ("A-033", "Watering can 5 l", "garden", "FARHOME", 3.10, 7.99, 0.35, 1.4, 4),
    ("A-034", "Seed potatoes 2 kg", "garden", "FARHOME", 2.20, 4.99, 0.5, 1.8, 6),
    ("A-035", "Garden gloves", "garden", "FARHOME", 1.60, 4.49, 0.4, 1.3, 10),
    ("A-036", "Flower pot 20 cm", "garden", "FARHOME", 1.20, 3.49, 0.6, 1.5, 12),
    ("A-037", "Preserving jar 1 l", "household/kitchen", "FARHOME", 0.90, 2.29, 0.12, 3.0, 12),
    ("A-038", "Cast-iron pan 28 cm", "household/kitchen", "FARHOME", 14.50, 34.90, 0.03, 1.05, 1),
    ("A-039", "Cheese grater", "household/kitchen", "FARHOME", 2.40, 6.90, 0.06, 1.1, 4),
    ("A-040", "Spare lid 28 cm", "household/kitchen", "FARHOME", 5.10, 12.90, 0.012, 1.05, 1),
    ("A-041", "Film roll 36", "household/electric", "FARHOME", 3.90, 7.90, 0.5, 1.3, 5),
    ("A-042", "Oat drink 1 l", "drink/cold", "BEVCO", 1.15, 2.29, 4.5, 1.7, 6),
)
_COMPONENTS = (
    ("C-OATS", "Rolled oats", "raw/grain", "kg", "AGRAR", 0.80),
    ("C-FRUIT", "Dried fruit", "raw/fruit", "kg", "AGRAR", 5.40),
    ("C-NUTS", "Mixed nuts", "raw/nuts", "kg", "AGRAR", 7.20),
    ("C-BAG", "Stand-up bag", "raw/packaging", "pc", "AGRAR", 0.06),
    ("C-BOX", "Gift box", "raw/packaging", "pc", "AGRAR", 0.90),
    ("C-BASE", "Base mix", "raw/mixed", "kg", "PLANT", 1.95),
)
PERISHABLE_DAYS = {"A-001": 7.0, "A-002": 14.0, "A-003": 3.0}
NEW, DYING = "A-042", "A-041"


def assortment() -> pl.DataFrame:
    """Sold items with what the generator must know beside the item master: source, mean_per_day, dispersion, pack."""
    names = ("item_id", "name", "category", "supplier", "unit_cost", "unit_price", "mean_per_day", "dispersion", "pack")
    return pl.DataFrame(_ROWS, schema=names, orient="row").with_columns(pl.col("pack").cast(pl.Float64))


def components() -> pl.DataFrame:
    """Items only the plant uses."""
    names = ("item_id", "name", "category", "uom", "supplier", "unit_cost")
    return pl.DataFrame(_COMPONENTS, schema=names, orient="row")


def item_table() -> pl.DataFrame:
    """Input table `item`: sold items and components."""
    sold = assortment().drop("supplier", "mean_per_day", "dispersion", "pack").with_columns(uom=pl.lit("pc"))
    both = pl.concat([sold, components().drop("supplier")], how="diagonal")
    item = pl.col("item_id")
    return both.with_columns(
        shelf_life_days=item.replace_strict(PERISHABLE_DAYS, default=None, return_dtype=pl.Float64),
        launch_date=pl.when(item == NEW).then(pl.lit(LAUNCH)),
        end_date=pl.when(item == DYING).then(pl.lit(FAREWELL)),
        volume=pl.when(pl.col("category") == "drink/cold").then(0.008).otherwise(0.0015),
        salvage_value=pl.when(item.is_in(list(PERISHABLE_DAYS))).then(0.0),
    )


def profile(shops: dict[str, float]) -> pl.DataFrame:
    """Nodes with demand: every sold item in every shop, scaled by the shop's size and the item's liking of it."""
    rows = assortment().select("item_id", "mean_per_day", "dispersion").with_row_index("place")
    sizes = pl.DataFrame({"location_id": list(shops), "size": list(shops.values())}).with_row_index("shop")
    liking = 0.75 + 0.25 * ((pl.col("place") * 7 + pl.col("shop") * 5) % 3)
    return rows.join(sizes, how="cross").select(
        "item_id",
        "location_id",
        mean_per_day=pl.col("mean_per_day") * pl.col("size") * liking,
        dispersion="dispersion",
        growth_rate=((pl.col("place").cast(pl.Int64) * 11) % 9 - 3) * 0.02,
        sold_from=pl.when(pl.col("item_id") == NEW).then(pl.lit(LAUNCH)),
        fades_from=pl.when(pl.col("item_id") == DYING).then(pl.lit(FADES)),
    )

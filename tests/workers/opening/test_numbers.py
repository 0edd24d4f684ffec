"""What a spreadsheet shows for a value and a format."""

from datetime import date, datetime, time, timedelta

from workers.opening.numbers import shown

MOMENT = datetime(2026, 3, 4, 15, 6, 7)
TABLE = [
    (12300, "#,##0", "12,300"),
    (1234.5, "#,##0.00", "1,234.50"),
    (-1234, "#,##0;(#,##0)", "(1,234)"),
    (-5, "0.00", "-5.00"),
    (0, '#,##0;-#,##0;"-"', "-"),
    (0.256, "0%", "26%"),
    (0.256, "0.0%", "25.6%"),
    (1234.5, '"$"#,##0.00', "$1,234.50"),
    (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
    (-1234.5, "$#,##0.00_);[Red]($#,##0.00)", "($1,234.50)"),
    (1234567, '0.0,,"M"', "1.2M"),
    (3, "0.##", "3"),
    (0.5, "0.##", "0.5"),
    (5, "000", "005"),
    (7, '0 "items"', "7 items"),
    (0.1 + 0.2, "General", "0.3"),
    (1.0, "General", "1"),
    (1e20, "0", "1E+20"),
    (float("nan"), "0", "nan"),
    (10**5000, "General", "1E+300"),
    ("", "", ""),
    (1, "", ""),
    (True, "General", "TRUE"),
    ("text", "0.00", "text"),
    (None, "0", ""),
    (MOMENT, "yyyy-mm-dd", "2026-03-04"),
    (MOMENT, "dd/mm/yyyy hh:mm:ss", "04/03/2026 15:06:07"),
    (MOMENT, "mmm d, yyyy", "Mar 4, 2026"),
    (MOMENT, "h:mm AM/PM", "3:06 PM"),
    (MOMENT, '"d"d', "d4"),
    (date(2026, 3, 4), "General", "2026-03-04"),
    (time(9, 5), "h:mm", "9:05"),
    (timedelta(hours=30), "[h]:mm:ss", "30:00:00"),
    (1.5, "\x00" * 5000, "1.5"),
    (1.5, ";;;", ""),
]


def test_a_value_is_shown_as_a_spreadsheet_shows_it():
    for value, number_format, text in TABLE:
        assert shown(value, number_format) == text, number_format

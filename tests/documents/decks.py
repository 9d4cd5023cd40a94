"""Small presentations made on the spot."""

from collections.abc import Callable
from pathlib import Path

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation
from pptx.util import Inches

TITLE_AND_BODY, TITLE_ONLY = 1, 5


def deck(path: Path, write: Callable[[Presentation], None]) -> Path:
    """Write a PPTX."""
    presentation = pptx.Presentation()
    write(presentation)
    presentation.save(str(path))
    return path


def review(presentation: Presentation) -> None:
    """A slide with a list and notes, and one with a table and a chart."""
    first = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_BODY])
    first.shapes.title.text = "Review of the year"
    first.placeholders[1].text = "Pumps sold well"
    further = first.placeholders[1].text_frame.add_paragraph()
    further.text, further.level = "most of them abroad", 1
    first.notes_slide.notes_text_frame.text = "Thank the sales team."
    second = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY])
    second.shapes.title.text = "Figures"
    table = second.shapes.add_table(3, 3, Inches(1), Inches(1.5), Inches(6), Inches(1)).table
    for row, contents in enumerate((("", "2025", "2024"), ("Revenue", "1,204", "1,087"), ("Profit", "362", "316"))):
        for column, content in enumerate(contents):
            table.cell(row, column).text = content
    chart_data = CategoryChartData(number_format="0.0%")
    chart_data.categories = ["North", "South"]
    chart_data.add_series("Share", (0.25, 0.75))
    chart_data.add_series("Share before", (0.3, 0.7))
    chart = second.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(4), Inches(6), Inches(3), chart_data
    ).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Sales by region"

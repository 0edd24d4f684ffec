from datetime import datetime

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

document = Document()
normal = document.styles["Normal"]
normal.font.name = "Microsoft YaHei"
normal.element.rPr.rFonts.set(qn("w:eastAsia"), "微软雅黑")
normal.font.size = Pt(11)

meeting = {
    "主题": "第三季度产品评审会议",
    "时间": datetime(2026, 10, 12, 14, 0).strftime("%Y年%m月%d日 %H:%M"),
    "地点": "上海办公室 · 会议室 B",
    "参加者": "王伟、李娜、佐藤健 (東京)、김민지 (서울)",
}
document.add_heading("会议纪要 📝", 0)
for key, value in meeting.items():
    paragraph = document.add_paragraph()
    paragraph.add_run(f"{key}：").bold = True
    paragraph.add_run(value)

document.add_heading("决议", 1)
for number, item in enumerate([
    "✅ 移动端新版本于十一月上线。",
    "⏳ 日本市场的定价方案由佐藤在两周内提交。",
    "❗ 客服响应时间须缩短到四小时以内。",
], start=1):
    document.add_paragraph(f"{number}. {item}")

table = document.add_table(rows=1, cols=3, style="Medium Shading 1 Accent 1")
for cell, text in zip(table.rows[0].cells, ("任务", "负责人", "截止日期")):
    cell.text = text
for row in (("接口文档", "王伟", "10月20日"), ("価格表", "佐藤健", "10月26日"), ("고객 설문", "김민지", "11月2日")):
    for cell, text in zip(table.add_row().cells, row):
        cell.text = text

document.save("会议纪要.docx")
print("文档已保存")

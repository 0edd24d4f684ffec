from docx import Document

doc = Document("/mnt/data/company_template.docx")
for paragraph in doc.paragraphs:
    if "{{client}}" in paragraph.text:
        paragraph.text = paragraph.text.replace("{{client}}", "Acme Corp")
doc.save("/mnt/data/filled.docx")

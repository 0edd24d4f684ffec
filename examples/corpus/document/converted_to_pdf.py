from docx import Document
from docx2pdf import convert

doc = Document()
doc.add_heading("Policy", 0)
doc.save("policy.docx")
convert("policy.docx", "policy.pdf")

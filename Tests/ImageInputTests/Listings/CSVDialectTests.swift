import Testing

@testable import ImageInput

@Suite("What separates the fields of a table")
struct CSVDialectTests {
    @Test(
        "is sniffed from its first lines",
        arguments: [
            ("a.jpg,cat\nb.jpg,dog\n", ","), ("a,1.jpg;cat\nb.jpg;dog\n", ";"), ("a.jpg\tcat\nb.jpg\tdog", "\t"),
            ("path|label\na.jpg|x, y\n", "|"), ("\"a;b.jpg\",\"x\"\n\"c;;d.jpg\",\"y\"\n", ","),
            ("a.jpg\nb.jpg\n", ","),
            ("", ","), ("path;label\r\na;b\r\n", ";"),
        ])
    func sniffed(text: String, delimiter: Character) { #expect(CSVDialect.sniffed.delimiter(in: text) == delimiter) }

    @Test("or as it is said")
    func said() {
        #expect(CSVDialect.excel.delimiter(in: "a;b") == "," && CSVDialect.unix.delimiter(in: "a;b") == ",")
        #expect(CSVDialect.excelTab.delimiter(in: "a,b") == "\t" && CSVDialect(rawValue: "excel-tab") == .excelTab)
    }
}

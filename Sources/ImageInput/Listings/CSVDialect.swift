/// How the fields of a `.csv` file are separated: the names of Python's module csv, which Finetuner takes, too.
public enum CSVDialect: String, Sendable, CaseIterable {
    /// Whichever of comma, semicolon, tab and vertical bar separates the first lines evenly.
    case sniffed
    /// By commas.
    case excel
    /// By tabs.
    case excelTab = "excel-tab"
    /// By commas; lines end with a line feed and every field may be in quotation marks, which is read in any dialect.
    case unix

    private static let candidates: [Character] = [",", ";", "\t", "|"]
    private static let linesToSniff = 20

    /// What separates the fields of `text`.
    func delimiter(in text: String) -> Character {
        switch self {
        case .excel, .unix: ","
        case .excelTab: "\t"
        case .sniffed: Self.sniffed(text)
        }
    }

    /// The candidate that most lines have as often as the first line has; the first of several.
    private static func sniffed(_ text: String) -> Character {
        let lines = text.split(whereSeparator: \.isNewline).prefix(linesToSniff)
        var best: (delimiter: Character, lines: Int) = (",", 0)
        for candidate in candidates {
            let counts = lines.map { count(of: candidate, in: $0) }
            guard let first = counts.first, first > 0 else { continue }
            let agreeing = counts.count { $0 == first }
            if agreeing > best.lines { best = (candidate, agreeing) }
        }
        return best.delimiter
    }

    /// How often a character stands outside of quotation marks.
    private static func count(of character: Character, in line: Substring) -> Int {
        var (isQuoted, count) = (false, 0)
        for next in line {
            if next == "\"" { isQuoted.toggle() } else if next == character, !isQuoted { count += 1 }
        }
        return count
    }
}

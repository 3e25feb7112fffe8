import Foundation
import Tensors

/// A `.csv` or `.tsv` file with two pictures a row that belong together, as Finetuner's query-document pairs, or two pictures and how
/// alike they are, a number from -1 to 1. A first row whose fields have no file in them, `first,second` or `first,second,score`, is a header.
public struct PairTable: Sendable {
    /// Two pictures.
    public struct Row: Sendable, Hashable {
        /// The paths as they stand in the file.
        public let first, second: String
        /// How alike they are; nil where the file has no third column.
        public let score: Float?
        /// Its number in the file, from 1, a header counted.
        public let number: Int
    }

    /// The pairs in the order of the file.
    public let rows: [Row]
    /// The rows that could not be used.
    public let faults: [PathTable.Fault]

    /// Whether the pairs have scores.
    public var isScored: Bool { rows.first?.score != nil }

    private static let headers = [["first", "second"], ["query", "document"], ["image1", "image2"]]

    /// Reads the file at `path`. Throws `InputError` where it cannot be read or is no table, and where it has no pair.
    public init(path: String, dialect: CSVDialect = .sniffed) throws {
        let records = try CSVFile(path: path, CSVFile.text(of: path), dialect: dialect).records
        let names = records.first?.prefix(2).map { $0.lowercased() } ?? []
        let hasHeader = Self.headers.contains(names)
        let columns = records.dropFirst(hasHeader ? 1 : 0).first?.count ?? 0
        var (rows, faults) = ([Row](), [PathTable.Fault]())
        for (index, record) in records.enumerated().dropFirst(hasHeader ? 1 : 0)
        where record.contains(where: { !$0.isEmpty }) {
            do {
                rows.append(try Row(record, scored: columns > 2, number: index + 1))
            } catch { faults.append(PathTable.Fault(number: index + 1, fact: error.fact)) }
        }
        guard !rows.isEmpty else {
            let first = faults.first.map { ": row \($0.number) \($0.fact)" } ?? ""
            throw InputError(
                path, "has no pair of pictures\(first)", remedy: "Write two paths a row, and a score or none.")
        }
        (self.rows, self.faults) = (rows, faults)
    }
}

extension PairTable.Row {
    /// A row from its fields. Throws `InputError` where one is missing or the score is none.
    fileprivate init(_ fields: [String], scored: Bool, number: Int) throws(InputError) {
        guard fields.count >= 2, !fields[0].isEmpty, !fields[1].isEmpty else {
            throw InputError("row", "does not name two pictures")
        }
        var score: Float?
        if scored {
            guard fields.count > 2, let value = Float(fields[2]), (-1...1).contains(value) else {
                throw InputError("row", "has no score from -1 to 1")
            }
            score = value
        }
        self.init(first: fields[0], second: fields[1], score: score, number: number)
    }
}

import Foundation
import Tensors

/// Records of a run, one line of JSON each, in a file that only grows: `metrics.jsonl`. Each line is on the disk when `append`
/// returns; a line that a crash cut off is not looked at.
struct RunJournal<Record: Codable> {
    private let path: String

    /// The journal at `path`, which need not be there yet.
    init(path: String) { self.path = path }

    /// The records, the oldest first. Throws `InputError` naming the line where one that is whole cannot be read.
    func records() throws -> [Record] {
        try lines().enumerated().map { number, line in
            do { return try JSONDecoder().decode(Record.self, from: Data(line.utf8)) } catch {
                throw InputError(
                    "\(path), line \(number + 1)", "is not a record as train-head writes it",
                    remedy: "Train again without --resume.")
            }
        }
    }

    /// Adds a record. Throws `InputError` where it cannot be written.
    func append(_ record: Record) throws {
        try write(lines() + [String(decoding: CanonicalJSON.encode(record), as: UTF8.self)])
    }

    /// Leaves the first `count` records.
    func truncate(to count: Int) throws {
        let lines = lines()
        guard lines.count > count else { return }
        try write(Array(lines.prefix(count)))
    }

    /// The whole lines.
    private func lines() -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let text = String(decoding: data, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // What follows the last line break was cut off, or is nothing.
        return Array(lines.dropLast())
    }

    /// An epoch has one line, so that writing all of them anew costs nothing and leaves no half of one.
    private func write(_ lines: [String]) throws {
        try AtomicFile.write(Data(lines.map { $0 + "\n" }.joined().utf8), to: path)
    }
}

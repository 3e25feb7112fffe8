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
        // To what a crash left of a line, this one would be added.
        if try isCutOff() { try truncate(to: .max) }
        try GrowingFile.append(CanonicalJSON.encode(record) + Data("\n".utf8), to: path)
    }

    /// Leaves the first `count` records, and nothing of a line that was cut off.
    func truncate(to count: Int) throws {
        let kept = Data(lines().prefix(count).map { $0 + "\n" }.joined().utf8)
        guard let data = FileManager.default.contents(atPath: path), data != kept else { return }
        try AtomicFile.write(kept, to: path)
    }

    /// Whether the last line has no end.
    private func isCutOff() throws -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let length = try? file.seekToEnd(), length > 0 else {
            return false
        }
        try file.seek(toOffset: length - 1)
        return try file.read(upToCount: 1) != Data("\n".utf8)
    }

    /// The whole lines.
    private func lines() -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let text = String(decoding: data, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // What follows the last line break was cut off, or is nothing.
        return Array(lines.dropLast())
    }
}

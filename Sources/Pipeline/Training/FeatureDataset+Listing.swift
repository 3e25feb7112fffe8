import FeatureStorage
import Foundation
import Tensors

extension FeatureDataset {
    /// The rows whose content one of the paths in the file at `path` has. Paths are one a line, absolute or relative to the
    /// working directory or to the file's folder; an empty line is nothing.
    ///
    /// Throws `InputError` where the file cannot be read, where no line is a labelled picture of the space, and where a line
    /// is none, naming the first.
    func rows(listedIn path: String) throws -> Set<Int> {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(
                "--validation \(path)", "is neither classes, items nor none, and no file that can be read",
                remedy: "Give one of these, or a file with one path a line.")
        }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        let contents = try contentsByPath()
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        var wanted: Set<Fingerprint> = []
        for (number, line) in lines.enumerated() {
            let candidates = [URL(fileURLWithPath: line), URL(fileURLWithPath: line, relativeTo: folder)]
            guard let content = candidates.lazy.compactMap({ contents[$0.standardizedFileURL.path] }).first else {
                throw InputError(
                    "\(path), line \(number + 1)", "names no picture of the store: \(line)",
                    remedy: "Give paths as inspect --files lists them.")
            }
            wanted.insert(content)
        }
        let rows = try self.rows(of: wanted)
        guard !rows.isEmpty else {
            throw InputError(path, "lists no labelled picture", remedy: "List pictures that have a label.")
        }
        return rows
    }

    private func contentsByPath() throws -> [String: Fingerprint] {
        Dictionary(try pictures().map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first })
    }

    /// The rows with one of `contents`.
    private func rows(of contents: Set<Fingerprint>) throws -> Set<Int> {
        var places: [Int: Set<Int>] = [:]
        for chunk in 0..<chunks.count {
            for (row, content) in try chunks.contents(at: chunk).enumerated() where contents.contains(content) {
                places[chunk, default: []].insert(row)
            }
        }
        return Set(rows.indices.filter { places[Int(rows[$0].chunk)]?.contains(Int(rows[$0].row)) == true })
    }
}

import Foundation
import Tensors

/// Damaged versions of a file for parsers to refuse without a trap.
enum HostileInput {
    /// Every beginning of the data, the empty one first, the whole excluded.
    static func prefixes(of data: Data) -> [Data] { (0..<data.count).map { data.prefix($0) } }

    /// The data with one to four random bits changed, `count` times.
    static func bitFlips(of data: Data, count: Int, seed: UInt64 = 1) -> [Data] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            var damaged = [UInt8](data)
            for _ in 0...generator.index(below: 4) {
                damaged[generator.index(below: damaged.count)] ^= 1 << UInt8(generator.index(below: 8))
            }
            return Data(damaged)
        }
    }

    /// Calls `body` with the path of a file that holds `data`, and deletes it.
    @discardableResult
    static func withFile<Result>(_ data: Data, _ body: (String) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("tensors-\(UUID().uuidString)")
        try data.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }
}

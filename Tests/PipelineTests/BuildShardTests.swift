import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("BuildShard")
struct BuildShardTests {
    private let paths = (0..<500).map { "/photos/class \($0 % 7)/é-\($0).jpg" }

    @Test("N shards are disjoint and together the whole", arguments: [1, 2, 3, 4, 16, 1000])
    func partition(count: Int) throws {
        let shards = try (1...count).map { try #require(BuildShard(number: $0, of: count)) }
        for path in paths { #expect(shards.count { $0.contains(path, root: "/photos") } == 1) }
    }

    @Test("follows the rule that is documented, computed here from the definition")
    func rule() throws {
        for path in paths.prefix(50) {
            let digest = Fingerprint(of: Data(path.utf8.dropFirst("/photos/".utf8.count))).bytes
            var value: UInt64 = 0
            for position in 0..<8 { value += UInt64(digest[position]) << (8 * UInt64(position)) }
            let shard = try #require(BuildShard(number: Int(value % 5) + 1, of: 5))
            #expect(shard.contains(path, root: "/photos"))
        }
        // Every machine must say the same for ever.
        #expect(
            BuildShard.known.allSatisfy { shard, name in BuildShard(shard)?.contains("/r/" + name, root: "/r") == true }
        )
    }

    @Test("does not depend on where the folder is")
    func root() throws {
        let shard = try #require(BuildShard("2/3"))
        for path in paths {
            let name = String(path.dropFirst("/photos".count))
            #expect(shard.contains("/mnt/x" + name, root: "/mnt/x") == shard.contains(path, root: "/photos"))
            #expect(shard.contains(name, root: "/") == shard.contains(path, root: "/photos"))
        }
    }

    @Test("reads I/N and nothing else")
    func parsing() {
        #expect(BuildShard("2/4")?.number == 2 && BuildShard("2/4")?.count == 4)
        #expect(BuildShard("1/1")?.description == "1/1")
        for text in [
            "", "2", "0/4", "5/4", "-1/4", "+1/4", "1/0", "1/-2", "1/4/2", "a/b", " 1/4", "1/4 ", "1//4", "/4",
            "1/", "99999999999999999999/99999999999999999999", "１/４",
        ] { #expect(BuildShard(text) == nil, "\(text)") }
    }
}

extension BuildShard {
    /// Computed with Python: int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") % 4 + 1.
    fileprivate static let known = [
        ("2/4", "a/1.jpg"), ("2/4", "cat/image_0001.jpg"), ("4/4", "1.bmp"), ("3/4", "é/ü.png"),
    ]
}

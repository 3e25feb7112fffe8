import Foundation
import Tensors
import Testing

@testable import ImageInput

@Suite("A table of pairs")
struct PairTableTests {
    private func table(_ text: String, name: String = "pairs.csv") throws -> PairTable {
        let folder = NSTemporaryDirectory() + "pairs-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return try PairTable(path: "\(folder)/\(name)")
    }

    @Test("names two pictures a row, with a header or without", arguments: ["", "first,second\n", "Query,Document\n"])
    func pairs(header: String) throws {
        let table = try table(header + "a.jpg,b.jpg\n\"c, d.jpg\",e.jpg\n\n")
        #expect(table.rows.map(\.first) == ["a.jpg", "c, d.jpg"] && table.rows.map(\.second) == ["b.jpg", "e.jpg"])
        #expect(!table.isScored && table.faults.isEmpty && table.rows[0].number == (header.isEmpty ? 1 : 2))
    }

    @Test("and how alike they are; rows without a score are named")
    func scored() throws {
        let table = try table("a\tb\t0.5\nc\td\t-1\ne\tf\t2\ng\th\t\ni\tj\tnan\n\tk\t0\n", name: "pairs.tsv")
        #expect(table.isScored && table.rows.map(\.score) == [0.5, -1])
        #expect(table.faults.map(\.number) == [3, 4, 5, 6])
        #expect(table.faults.map(\.fact).filter { $0.contains("score") }.count == 3)
    }

    @Test("is refused where it has none", arguments: ["", "a.jpg\n", "a.jpg,\n", "first,second\n"])
    func none(text: String) { #expect(throws: InputError.self) { try table(text) } }

    @Test("is a listing of both, each picture once")
    func listing() throws {
        let folder =
            URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path + "/l-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("a.jpg,b.jpg\nb.jpg,c.jpg\n../up.jpg,a.jpg\n".utf8).write(to: URL(fileURLWithPath: folder + "/p.csv"))
        let listing = try PictureListing.read([folder + "/p.csv"], hasPairs: true)
        #expect(listing.pictures.map(\.path) == ["a", "b", "c"].map { "\(folder)/\($0).jpg" })
        #expect(listing.pictures.allSatisfy { $0.label == nil } && listing.refused.count == 1)
        #expect(throws: InputError.self) { try PictureListing.read([folder], hasPairs: true) }
    }
}

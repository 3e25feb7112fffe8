import FeatureStorage
import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("PictureRemoval")
struct PictureRemovalTests {
    private let folder: TemporaryFolder
    private let space = SampleStore.space(named: "s")

    init() throws { folder = try TemporaryFolder() }

    private var storePath: String { folder.path("s.fcstore") }

    private func build(_ paths: [String], failing: [String] = []) throws {
        var writer = try FeatureStoreWriter(path: storePath, space: space)
        for path in paths {
            try writer.append(feature: [Float](repeating: 1, count: 8)[...], of: SampleStore.entry(path, nil))
        }
        for path in failing {
            try writer.recordFailure(FailureEntry(path: "/" + path, root: "/p", reason: "r", size: 1, modified: 1))
        }
        try writer.finish()
    }

    private func listed() throws -> ListedPaths { try FeatureStore(path: storePath).listedPaths() }

    @Test("Takes pictures and folders off the listing, and their failures; features stay")
    func removal() throws {
        defer { folder.clean() }
        try build(
            ["p/a/1.jpg", "p/a/2.jpg", "p/ab/1.jpg", "p/a.jpg", "q/1.jpg"], failing: ["p/a/bad.jpg", "q/bad.jpg"])
        let removal = try PictureRemoval(of: ["/p/a/", "/q/1.jpg"], from: storePath)
        #expect(removal.pictures == ["/p/a/1.jpg", "/p/a/2.jpg", "/q/1.jpg"] && removal.failures == ["/p/a/bad.jpg"])
        #expect(try listed().pictures == ["/p/a.jpg", "/p/ab/1.jpg"])
        #expect(try listed().failures == ["/q/bad.jpg"])
        #expect(try FeatureStore(path: storePath).readFeatures(in: space).contents.count == 5)
    }

    @Test("A path that matches nothing is an error that names it, and nothing is changed")
    func unknown() throws {
        defer { folder.clean() }
        try build(["p/a/1.jpg", "p/a/2.jpg"])
        let before = try folderContents()
        for path in ["/p/b", "/p/a/1", "/p/a/1.jpg/x", "nowhere"] {
            let error = #expect(throws: InputError.self) {
                try PictureRemoval(of: ["/p/a/2.jpg", path], from: storePath)
            }
            #expect(error?.object == path)
        }
        #expect(try folderContents() == before)
    }

    private func folderContents() throws -> [String: Data?] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: storePath)
        return Dictionary(
            uniqueKeysWithValues: names.map { ($0, FileManager.default.contents(atPath: storePath + "/" + $0)) })
    }

    @Test("Two spellings of one accent are two pictures")
    func spellings() throws {
        defer { folder.clean() }
        try build(["p/e\u{301}/1.jpg", "p/\u{E9}/1.jpg"])
        let removal = try PictureRemoval(of: ["/p/\u{E9}"], from: storePath)
        #expect(removal.pictures.count == 1)
        #expect(try listed().pictures.map { Array($0.utf8) } == [Array("/p/e\u{301}/1.jpg".utf8)])
    }

    @Test("A link is taken by its own name first, then for what it leads to; the target may be gone")
    func links() throws {
        defer { folder.clean() }
        let real = try #require(realpath(folder.url.path, nil))
        defer { free(real) }
        let root = String(String(cString: real).dropFirst())
        try build(["\(root)/real/1.jpg", "\(root)/link/1.jpg", "\(root)/gone/1.jpg"])
        try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: folder.path("real"))
        let first = try PictureRemoval(of: [folder.path("link")], from: storePath)
        #expect(first.pictures == ["/\(root)/link/1.jpg"])
        let second = try PictureRemoval(of: [folder.path("link"), folder.path("x/../gone")], from: storePath)
        #expect(second.pictures == ["/\(root)/gone/1.jpg", "/\(root)/real/1.jpg"])
        #expect(try listed().pictures.isEmpty)
    }

    @Test("Everything goes with the root folder, and failures of every space")
    func everything() throws {
        defer { folder.clean() }
        try build(["p/1.jpg"], failing: ["p/2.jpg"])
        var writer = try FeatureStoreWriter(path: storePath, space: SampleStore.space(named: "t"), otherSpaces: .add)
        try writer.recordFailure(FailureEntry(path: "/p/2.jpg", root: "/p", reason: "r", size: 1, modified: 1))
        try writer.finish()
        let removal = try PictureRemoval(of: ["/"], from: storePath)
        #expect(removal.pictures == ["/p/1.jpg"] && removal.failures == ["/p/2.jpg"])
        #expect(try listed().pictures.isEmpty && listed().failures.isEmpty)
    }
}

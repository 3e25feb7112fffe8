import Foundation
import ImageInput
import Tensors
import Testing

/// A folder of its own for one test, removed with the object.
private final class ScratchFolder {
    let path: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        path = base + "/listing-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) throws {
        let whole = path + "/" + name
        let folder = (whole as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: whole))
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }

    /// The listed paths below this folder.
    func names(_ listing: PictureListing) -> [String] {
        listing.pictures.map { String($0.path.dropFirst(path.count + 1)) }
    }
}

@Suite("Listing pictures")
struct PictureListingTests {
    @Test("a list: its pictures and labels in its order, and what cannot be used by its row")
    func list() throws {
        let folder = try ScratchFolder()
        for file in ["data/a.jpg", "data/b/c.png", "other/x.jpg"] { try folder.file(file) }
        let text = """
            path,label
            a.jpg,cat
            b/c.png,dog
            \(folder.path)/other/x.jpg,bird
            ../other/x.jpg,bird
            https://example.org/y.jpg,cat
            nowhere/z.jpg,cat
            missing.jpg,cat
            a.jpg,cat
            a.jpg,dog
            ,cat
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/data/list.csv"))
        let listing = try PictureListing.read([folder.path + "/data/list.csv"])
        #expect(folder.names(listing) == ["data/a.jpg", "data/b/c.png", "other/x.jpg", "data/missing.jpg"])
        #expect(listing.pictures.map(\.label) == ["cat", "dog", "bird", "cat"])
        #expect(listing.root == folder.path + "/data/list.csv" && listing.isFolder)
        let rows = listing.refused.map { $0.path.split(separator: " ").last.map(String.init) ?? "" }
        #expect(rows == ["11", "5", "6", "7", "10"])
        let reasons = listing.refused.map(\.reason).joined(separator: "\n")
        for part in [
            "has no path", "leads out of the list's folder", "is an address", "No such file", "'cat', now 'dog'",
        ] {
            #expect(reasons.contains(part), "\(part)")
        }
        let wider = try PictureListing.read([folder.path + "/data/list.csv"], allowsOutside: true)
        #expect(wider.pictures == listing.pictures && wider.refused.count == 4)
        #expect(throws: InputError.self) { try PictureListing.read([folder.path + "/data/list.csv", folder.path]) }
        try Data("path,label\n,x\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/data/list.csv"))
        let empty = #expect(throws: InputError.self) { try PictureListing.read([folder.path + "/data/list.csv"]) }
        #expect(empty?.fact.contains("has no path") == true)
    }

    @Test(
        "an address is not taken for a path",
        arguments: ["s3://bucket/x.jpg", "https://example.org/x.jpg", "git+ssh://host/x.jpg"])
    func addresses(address: String) throws {
        let folder = try ScratchFolder()
        try folder.file("a.jpg")
        try Data("path\na.jpg\n\(address)\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/list.csv"))
        let listing = try PictureListing.read([folder.path + "/list.csv"])
        #expect(
            listing.pictures.count == 1 && listing.refused.map(\.reason).allSatisfy { $0.contains("is an address") })
        #expect(listing.refused.count == 1)
        let given = #expect(throws: InputError.self) { try PictureListing.read([address]) }
        #expect(given?.fact.contains("is an address") == true)
        // What only looks like one is a path.
        try folder.file("1:/b.jpg")
        #expect(try PictureListing.read([folder.path + "/1://b.jpg"]).pictures.count == 1)
    }

    @Test("a folder tree: labels from the first level, order by the bytes of names")
    func tree() throws {
        let folder = try ScratchFolder()
        let files = [
            "b/2.jpg", "b/10.JPEG", "a/deep/er/x.png", "a/z.webp", "top.bmp", "B/1.gif", "a-b/q.jfif", "ä/1.jpe",
        ]
        for file in files + ["a/notes.txt", "README", "b/jpg", "b/x.jpg.bak"] { try folder.file(file) }
        for hidden in [".hidden.jpg", ".git/x.jpg", "a/.x.png"] { try folder.file(hidden) }
        let listing = try PictureListing.read([folder.path])
        #expect(
            folder.names(listing) == [
                "B/1.gif", "a/deep/er/x.png", "a/z.webp", "a-b/q.jfif", "b/10.JPEG", "b/2.jpg", "top.bmp", "ä/1.jpe",
            ])
        #expect(listing.pictures.map(\.label) == ["B", "a", "a", "a-b", "b", "b", nil, "ä"])
        #expect(listing.otherFiles == 4)
        #expect(listing.refused.isEmpty)
        #expect(listing.root == folder.path)
    }

    @Test("the root is the real path, however it was given")
    func realRoot() throws {
        let folder = try ScratchFolder()
        try folder.file("data/cat/1.jpg")
        try folder.link("alias", to: "data")
        for name in ["alias", "alias/", "data/../data/.", "data//"] {
            let listing = try PictureListing.read([folder.path + "/" + name])
            #expect(listing.root == folder.path + "/data")
            #expect(listing.pictures == [ListedPicture(path: folder.path + "/data/cat/1.jpg", label: "cat")])
        }
    }

    @Test("links within the folder are followed under their own names")
    func links() throws {
        let folder = try ScratchFolder()
        try folder.file("pool/1.jpg")
        try folder.file("pool/2.txt")
        try folder.link("class", to: "pool")
        try folder.link("pool/3.jpg", to: "1.jpg")
        try folder.link("other.png", to: "pool/2.txt")
        let listing = try PictureListing.read([folder.path])
        #expect(folder.names(listing) == ["class/1.jpg", "class/3.jpg", "other.png", "pool/1.jpg", "pool/3.jpg"])
        #expect(listing.pictures.map(\.label) == ["class", "class", nil, "pool", "pool"])
        #expect(listing.refused.isEmpty)
    }

    @Test("loops, broken links and links that lead outside are refused with a reason")
    func refusedLinks() throws {
        let folder = try ScratchFolder()
        let outside = try ScratchFolder()
        try outside.file("secret.jpg")
        try folder.file("a/1.jpg")
        try folder.link("a/up", to: "..")
        try folder.link("broken.jpg", to: "nowhere.jpg")
        try folder.link("circle.jpg", to: "circle.jpg")
        try folder.link("out", to: outside.path)
        try folder.link("out.jpg", to: outside.path + "/secret.jpg")
        // A neighbor whose name begins with the folder's own is outside, too.
        let neighbor = folder.path + "-neighbor"
        try FileManager.default.createDirectory(atPath: neighbor, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: neighbor) }
        try folder.link("near", to: neighbor)
        let listing = try PictureListing.read([folder.path])
        #expect(folder.names(listing) == ["a/1.jpg"])
        let reasons = Dictionary(
            uniqueKeysWithValues: listing.refused.map { (String($0.path.dropFirst(folder.path.count + 1)), $0.reason) })
        #expect(reasons.count == 6)
        #expect(reasons["a/up"]?.contains("leads back to a folder it lies in") == true)
        #expect(reasons["broken.jpg"]?.contains("cannot be followed") == true)
        #expect(reasons["circle.jpg"]?.contains("cannot be followed") == true)
        for name in ["out", "out.jpg", "near"] {
            #expect(reasons[name]?.contains("leads outside the folder") == true, "\(name)")
        }
    }

    @Test("links that fan out and meet again end")
    func fanOut() throws {
        let folder = try ScratchFolder()
        let levels = 40
        for level in 0...levels { try folder.file("\(level)/x.jpg") }
        for level in 0..<levels {
            for side in ["l", "r"] { try folder.link("\(level)/\(side)", to: "../\(level + 1)") }
        }
        let listing = try PictureListing.read([folder.path])
        #expect(listing.pictures.count < 65 * (levels + 1))
        #expect(listing.refused.contains { $0.reason.contains("one of more than 64 ways") })
    }

    @Test("names that are not UTF-8 and pictures that are no files are refused")
    func oddEntries() throws {
        let folder = try ScratchFolder()
        try folder.file("fine.jpg")
        let name = Array(folder.path.utf8) + Array("/bad-".utf8) + [0xFF] + Array(".jpg".utf8) + [0]
        let descriptor = name.map(CChar.init(bitPattern:)).withUnsafeBufferPointer { pointer in
            open(pointer.baseAddress!, O_CREAT, 0o600)  // a name is never empty
        }
        try #require(descriptor >= 0)
        close(descriptor)
        try #require(mkfifo(folder.path + "/pipe.jpg", 0o600) == 0)
        let listing = try PictureListing.read([folder.path])
        #expect(folder.names(listing) == ["fine.jpg"])
        #expect(listing.refused.map(\.reason) == ["has a name that is not UTF-8", "is not a regular file"])
        #expect(listing.refused[0].path == folder.path + "/bad-\u{FFFD}.jpg")
    }

    @Test("a folder without pictures says what it holds")
    func empty() throws {
        let folder = try ScratchFolder()
        for file in ["a/1.txt", "2.tif"] { try folder.file(file) }
        let error = #expect(throws: InputError.self) { try PictureListing.read([folder.path]) }
        #expect(error?.object == folder.path)
        #expect(error?.fact == "holds no pictures (2 other files)")
        #expect(error?.remedy.hasSuffix("jpg, jpeg, jpe, jfif, png, webp, gif, bmp") == true)
    }

    @Test("missing paths, mixed inputs and no inputs are refused")
    func refusedInputs() throws {
        let folder = try ScratchFolder()
        try folder.file("1.jpg")
        let missing = #expect(throws: InputError.self) { try PictureListing.read([folder.path + "/none"]) }
        #expect(missing?.description == folder.path + "/none: does not exist")
        let mixed = #expect(throws: InputError.self) {
            try PictureListing.read([folder.path + "/1.jpg", folder.path])
        }
        #expect(mixed?.fact == "is a folder among 2 inputs")
        #expect(throws: InputError.self) { try PictureListing.read([]) }
        #expect(throws: InputError.self) { try PictureListing.read(["/dev/null"]) }
    }

    @Test("a folder that may not be read is an error as the root and a refusal below it", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        let folder = try ScratchFolder()
        try folder.file("1.jpg")
        try folder.file("locked/2.jpg")
        chmod(folder.path + "/locked", 0)
        defer { chmod(folder.path + "/locked", 0o700) }
        #expect(throws: InputError.self) { try PictureListing.read([folder.path + "/locked"]) }
        let listing = try PictureListing.read([folder.path])
        #expect(folder.names(listing) == ["1.jpg"])
        #expect(listing.refused.map(\.path) == [folder.path + "/locked"])
    }

    @Test("files that are named keep their order and their own names, whatever the extension")
    func named() throws {
        let folder = try ScratchFolder()
        for file in ["b/2.jpg", "a/1", "a/c/3.png"] { try folder.file(file) }
        try folder.link("a/alias.jpg", to: "1")
        let names = ["b/2.jpg", "a/alias.jpg", "a/../a/c/3.png"]
        let listing = try PictureListing.read(names.map { folder.path + "/" + $0 })
        #expect(folder.names(listing) == ["b/2.jpg", "a/alias.jpg", "a/c/3.png"])
        #expect(listing.pictures.allSatisfy { $0.label == nil })
        #expect(listing.root == folder.path)
        #expect(try PictureListing.read([folder.path + "/a/1"]).root == folder.path + "/a")
    }
}

import Foundation
import PythonPeer
import Tensors
import Testing

@testable import ImageInput

/// Archives are made by Python's tarfile and zipfile.
@Suite("An archive of pictures", .enabled(if: ArchiveWriter.python != nil, "needs python3"))
struct PictureArchiveTests {
    private let folder: ArchiveWriter

    init() throws { folder = try ArchiveWriter() }

    private static let pictures: [(name: String, text: String)] = [
        ("cat/1.jpg", "one"), ("cat/deep/2.PNG", "two"), ("dog/é ü.jpeg", "three"), ("top.webp", "four"),
        (String(repeating: "long", count: 20) + "/" + String(repeating: "name", count: 20) + ".jpg", "five"),
        ("notes.doc", "no picture"),
    ]

    @Test(
        "gives every picture's bytes, in any order, with the first folder as its label",
        arguments: ["ustar.tar", "gnu.tar", "pax.tar", "stored.zip", "deflated.zip"])
    func bytes(name: String) throws {
        let path = try folder.write(
            name, name == "ustar.tar" ? Self.pictures.filter { !$0.name.hasPrefix("long") } : Self.pictures)
        let listing = try PictureListing.read([path])
        let expected = Self.pictures.filter {
            $0.name != "notes.doc" && (name != "ustar.tar" || !$0.name.hasPrefix("long"))
        }
        #expect(listing.root == path && listing.isFolder && listing.otherFiles == 1 && listing.refused.isEmpty)
        #expect(Set(listing.pictures.map(\.path)) == Set(expected.map { "\(path)/\($0.name)" }))
        let labels = Dictionary(uniqueKeysWithValues: listing.pictures.map { ($0.path, $0.label) })
        #expect(labels["\(path)/cat/deep/2.PNG"] == "cat" && labels["\(path)/top.webp"] == .some(nil))
        for picture in expected.reversed() {
            let found = try #require(try OpenArchives.shared.picture(at: "\(path)/\(picture.name)"))
            #expect(try found.bytes() == Data(picture.text.utf8) && found.size == picture.text.utf8.count)
        }
        let missing = try #require(try OpenArchives.shared.picture(at: path + "/nowhere.jpg"))
        #expect(missing.size == nil)
        #expect(throws: InputError.self) { try missing.bytes() }
    }

    @Test("of WebDataset gives labels and splits from the files beside the pictures", arguments: ["s.tar", "s.zip"])
    func sidecars(name: String) throws {
        let path = try folder.write(
            name,
            [
                ("a/000.jpg", "1"), ("a/000.cls", "7\n"), ("a/000.txt", "a caption"),
                ("a/001.json", #"{"label": "cat", "split": "test"}"#), ("a/001.left.jpg", "2"),
                ("a/001.right.jpg", "3"),
                ("a/002.png", "4"), ("a/002.txt", "dog"), ("a/003.png", "5"), ("a/003.txt", "two\nlines"),
                ("a/004.png", "6"), ("a/004.json", "no json"), ("a/005.png", "7"), ("a/005.json", #"{"label": 12}"#),
            ])
        let listing = try PictureListing.read([path])
        #expect(listing.pictures.map(\.label) == ["7", "cat", "cat", "dog", "a", "a", "12"])
        #expect(listing.pictures.map(\.split) == [nil, "test", "test", nil, nil, nil, nil])
        #expect(listing.otherFiles == 0)
    }

    @Test("passes over links and devices, and refuses names that lead out of it")
    func hostileNames() throws {
        let path = try folder.run(
            "hostile.tar",
            """
            def add(name, data=b"x", **facts):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                for key, value in facts.items(): setattr(info, key, value)
                archive.addfile(info, io.BytesIO(data))
            with tarfile.open(path, "w") as archive:
                add("good.jpg")
                add("link.jpg", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
                add("hard.jpg", b"", type=tarfile.LNKTYPE, linkname="good.jpg")
                add("device.jpg", b"", type=tarfile.CHRTYPE)
                add("fifo.jpg", b"", type=tarfile.FIFOTYPE)
                add("../up.jpg")
                add("/root.jpg")
                add("a/../../up.jpg")
                add("./dot/./b.jpg")
                add(".hidden.jpg")
                add("good.jpg", b"later")
            """)
        let listing = try PictureListing.read([path])
        #expect(listing.pictures.map(\.path) == ["\(path)/dot/b.jpg", "\(path)/good.jpg"])
        #expect(listing.refused.count == 3 && listing.refused.allSatisfy { $0.reason.contains("leads out") })
        #expect(try OpenArchives.shared.picture(at: path + "/good.jpg")?.bytes() == Data("later".utf8))
        let zip = try folder.run(
            "hostile.zip",
            """
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("good.jpg", b"x")
                archive.writestr("../up.jpg", b"x")
                link = zipfile.ZipInfo("link.jpg")
                link.create_system, link.external_attr = 3, 0o120777 << 16
                archive.writestr(link, b"/etc/passwd")
            """)
        let other = try PictureListing.read([zip])
        #expect(other.pictures.map(\.path) == ["\(zip)/good.jpg"] && other.refused.count == 1)
    }

    @Test("is read anew where it has changed")
    func changed() throws {
        let path = try folder.write("c.tar", [("1.jpg", "one")])
        #expect(try PictureListing.read([path]).pictures.count == 1)
        _ = try folder.write("c.tar", [("1.jpg", "other"), ("2.jpg", "two")])
        #expect(try PictureListing.read([path]).pictures.count == 2)
        #expect(try OpenArchives.shared.picture(at: path + "/1.jpg")?.bytes() == Data("other".utf8))
    }

    @Test(
        "cut off anywhere, with bytes changed, or of another kind is read or refused with an error",
        arguments: ["x.tar", "x.zip"])
    func damaged(name: String) throws {
        let path = try folder.write(name, Self.pictures)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var generator = SeededGenerator(seed: 5)
        for step in 0..<400 {
            var bytes = whole
            if step.isMultiple(of: 2) {
                bytes = whole.prefix(generator.index(below: whole.count))
            } else {
                for _ in 0...step % 8 {
                    bytes[generator.index(below: bytes.count)] = UInt8(generator.index(below: 256))
                }
            }
            let damaged = folder.path + "/damaged-\(step)." + (name as NSString).pathExtension
            try bytes.write(to: URL(fileURLWithPath: damaged))
            do {
                let archive = try PictureArchive(path: damaged)
                for name in archive.members.keys { _ = try? archive.bytes(of: name.text) }
            } catch is InputError {}
        }
    }

    @Test("is refused where it is compressed, where it holds nothing, and among other inputs")
    func refused() throws {
        let packed = try folder.run(
            "packed.tar", "with tarfile.open(path, 'w:gz') as archive: archive.addfile(tarfile.TarInfo('a.jpg'))")
        let error = try #require(throws: InputError.self) { try PictureListing.read([packed]) }
        #expect(error.fact.contains("is no tar archive") && error.remedy.contains("not compressed"))
        let bare = try folder.write("bare.zip", [("a.txt", "b")])
        #expect(throws: InputError.self) { try PictureListing.read([bare]) }
        let picture = folder.path + "/p.jpg"
        try Data("x".utf8).write(to: URL(fileURLWithPath: picture))
        let good = try folder.write("good.tar", [("a.jpg", "b")])
        let mixed = try #require(throws: InputError.self) { try PictureListing.read([good, picture]) }
        #expect(mixed.object == picture)
    }

    @Test("is one of several shards, named or in a folder without pictures")
    func shards() throws {
        let paths = try (0..<3).map { try folder.write("s-\($0).tar", [("0.jpg", "\($0)"), ("0.cls", "c\($0)")]) }
        let named = try PictureListing.read(paths)
        #expect(named.pictures.map(\.path) == paths.map { $0 + "/0.jpg" } && !named.isFolder)
        let all = try PictureListing.read([folder.path])
        #expect(all.pictures == named.pictures && all.isFolder && all.root == folder.path)
        #expect(all.pictures.map(\.label) == ["c0", "c1", "c2"])
    }
}

/// A folder for archives that Python writes.
final class ArchiveWriter {
    static let python = Python.interpreter(importing: "tarfile, zipfile")
    let path: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        path = base + "/archives-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes an archive of some files, in the form that its name says, and returns its path.
    func write(_ name: String, _ files: [(name: String, text: String)]) throws -> String {
        let json = String(decoding: try JSONEncoder().encode(files.map { [$0.name, $0.text] }), as: UTF8.self)
        return try run(
            name,
            """
            files = json.loads(sys.argv[2])
            kind = os.path.basename(path)
            if kind.endswith(".zip"):
                with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if kind == "stored.zip" else zipfile.ZIP_DEFLATED) as archive:
                    for name, text in files: archive.writestr(name, text)
            else:
                forms = {"ustar.tar": tarfile.USTAR_FORMAT, "gnu.tar": tarfile.GNU_FORMAT}
                with tarfile.open(path, "w", format=forms.get(kind, tarfile.PAX_FORMAT)) as archive:
                    for name, text in files:
                        info = tarfile.TarInfo(name)
                        info.size = len(text.encode())
                        archive.addfile(info, io.BytesIO(text.encode()))
            """, json)
    }

    /// Runs a program of Python's that writes the archive `name` to `path`, which is returned.
    func run(_ name: String, _ program: String, _ argument: String = "") throws -> String {
        let file = path + "/" + name
        let imports = "import io, json, os, sys, tarfile, zipfile\npath = sys.argv[1]\n"
        _ = try Python.run(try #require(Self.python), imports + program, file, argument)
        return file
    }
}

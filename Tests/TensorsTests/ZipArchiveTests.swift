import Foundation
import PythonPeer
import Tensors
import Testing

@Suite("ZipArchive")
struct ZipArchiveTests {
    private func little(_ value: Int, _ bytes: Int) -> Data {
        Data((0..<bytes).map { UInt8(value >> (8 * $0) & 0xFF) })
    }

    private func crc32(_ data: Data) -> Int {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in data {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (0xEDB8_8320 & (0 &- (crc & 1))) }
        }
        return Int(~crc)
    }

    /// A ZIP file with one member; `packed` is how it lies there and `plain` what it unpacks to.
    private func archive(name: String = "d/x.bin", plain: Data, packed: Data, method: Int, zip64: Bool = false) -> Data
    {
        let sizes = zip64 ? little(-1, 4) + little(-1, 4) : little(packed.count, 4) + little(plain.count, 4)
        let facts = little(method, 2) + little(0, 4) + little(crc32(plain), 4) + sizes
        let extra = zip64 ? little(1, 2) + little(16, 2) + little(plain.count, 8) + little(packed.count, 8) : Data()
        let lengths = little(name.utf8.count, 2) + little(extra.count, 2)
        let local =
            little(0x0403_4B50, 4) + little(20, 2) + little(0, 2) + facts + lengths + Data(name.utf8) + extra + packed
        let entry =
            little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + little(0, 2) + facts + lengths
            + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(0, 4) + Data(name.utf8) + extra
        let end =
            little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2) + little(entry.count, 4)
            + little(local.count, 4) + little(0, 2)
        return local + entry + end
    }

    private let text = Data("hello, hello, hello, hello".utf8)
    /// Raw deflate of `text`, made by Python's zlib.
    private let deflated = Data([0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7, 0x51, 0xC8, 0xC0, 0xA4, 0x00])

    private func contents(_ data: Data) throws -> Data {
        try HostileInput.withFile(data) { path in
            let archive = try ZipArchive(path: path)
            guard let member = archive.member(named: "d/x.bin") else { throw InputError("d/x.bin", "is missing") }
            return try archive.contents(of: member)
        }
    }

    @Test("Stored, deflated and Zip64 members come out whole")
    func members() throws {
        try #expect(contents(archive(plain: text, packed: text, method: 0)) == text)
        try #expect(contents(archive(plain: text, packed: deflated, method: 8)) == text)
        try #expect(contents(archive(plain: text, packed: text, method: 0, zip64: true)) == text)
    }

    @Test("Other compression methods, wrong sums and sizes are refused")
    func refused() {
        #expect(throws: InputError.self) { try contents(archive(plain: text, packed: text, method: 93)) }
        var damaged = archive(plain: text, packed: text, method: 0)
        damaged[40] ^= 1
        #expect(throws: InputError.self) { try contents(damaged) }
        #expect(throws: InputError.self) {
            try contents(archive(plain: Data(count: 1 << 20), packed: deflated, method: 8))
        }
    }

    @Test("Every beginning is refused, and no damage is a trap")
    func damage() throws {
        for (packed, method) in [(text, 0), (deflated, 8)] {
            let data = archive(plain: text, packed: packed, method: method)
            for prefix in HostileInput.prefixes(of: data) {
                #expect(throws: InputError.self) { try contents(prefix) }
            }
            for damaged in HostileInput.bitFlips(of: data, count: 1000) {
                // The CRC-32 stands for the contents: what still opens is what was packed.
                if let survived = try? contents(damaged) { #expect(survived == text) }
            }
        }
    }

    @Test("An end record that promises more members than there is room for is refused")
    func memberCount() {
        var data = archive(plain: text, packed: text, method: 0)
        data.replaceSubrange(data.count - 12..<data.count - 10, with: [0xFE, 0xFF])
        #expect(throws: InputError.self) { try contents(data) }
    }

    @Test("A Zip64 field that claims to reach past the directory is not followed there")
    func lyingZip64Field() {
        let sizes = little(-1, 4) + little(-1, 4)
        let facts = little(0, 2) + little(0, 4) + little(crc32(text), 4) + sizes + little(1, 2)
        let local = little(0x0403_4B50, 4) + little(20, 2) + little(0, 2) + facts + little(0, 2) + Data("x".utf8) + text
        let entry =
            little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + little(0, 2) + facts + little(4, 2)
            + Data(count: 10)
            + little(-1, 4) + Data("x".utf8) + little(1, 2) + little(0xFFFF, 2)
        let end =
            little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2) + little(entry.count, 4)
            + little(local.count, 4) + little(0, 2)
        #expect(throws: InputError.self) { try contents(local + entry + end) }
    }

    @Test("Archives of Python's zipfile and numpy are read, Zip64 and compression included")
    func python() throws {
        guard let python = Python.interpreter(importing: "numpy") else {
            print("skipped: no Python with numpy")
            return
        }
        let program = """
            import sys, zipfile, numpy
            with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('text', 'x' * 100000)
                with z.open('wide', 'w', force_zip64=True) as f: f.write(bytes(range(256)) * 100)
                with z.open('a.npy', 'w') as f: numpy.save(f, numpy.arange(4, dtype='f4'))
            """
        try HostileInput.withFile(Data()) { path in
            _ = try Python.run(python, program, path)
            let archive = try ZipArchive(path: path)
            let contents = try archive.members.map { try archive.contents(of: $0) }
            #expect(archive.members.map(\.name) == ["text", "wide", "a.npy"])
            #expect(contents[0] == Data(repeating: UInt8(ascii: "x"), count: 100_000))
            #expect(contents[1].count == 25600 && contents[1].last == 255)
            #expect(try NumPyFile.decode(contents[2]).elements == [0, 1, 2, 3])
        }
    }
}

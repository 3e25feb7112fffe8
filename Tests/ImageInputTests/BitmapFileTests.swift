import Foundation
import ImageInput
import Tensors
import Testing

@Suite("BMP files")
struct BitmapFileTests {
    /// A file with a header of 40 bytes or, where there are four masks, 56.
    private static func file(
        width: Int32, height: Int32, bits: UInt16, compression: UInt32 = 0, masks: [UInt32] = [],
        palette: [UInt8] = [], colors: UInt32 = 0, rows: [[UInt8]]
    ) -> [UInt8] {
        let headerSize: UInt32 = masks.count == 4 ? 56 : 40
        let info =
            headerSize.littleEndianBytes + width.littleEndianBytes + height.littleEndianBytes
            + UInt16(1).littleEndianBytes + bits.littleEndianBytes + compression.littleEndianBytes
            + [UInt8](repeating: 0, count: 12) + colors.littleEndianBytes + [0, 0, 0, 0]
            + masks.flatMap(\.littleEndianBytes)
        let offset = UInt32(14 + info.count + palette.count)
        return Array("BM".utf8) + [UInt8](repeating: 0, count: 8) + offset.littleEndianBytes + info + palette
            + rows.joined()
    }

    private static func pixels(_ bytes: [UInt8]) throws -> [UInt8] { try ImageDecoder().decode(Data(bytes)).pixels }

    @Test("24 bits, from the bottom and from the top, rows padded to four bytes")
    func trueColor() throws {
        let rows: [[UInt8]] = [[1, 2, 3, 0], [4, 5, 6, 0]]
        #expect(try Self.pixels(Self.file(width: 1, height: 2, bits: 24, rows: rows)) == [6, 5, 4, 3, 2, 1])
        #expect(try Self.pixels(Self.file(width: 1, height: -2, bits: 24, rows: rows)) == [3, 2, 1, 6, 5, 4])
    }

    @Test("32 bits without masks have no alpha; masks may reorder the channels and give one")
    func masks() throws {
        let rows: [[UInt8]] = [[10, 20, 30, 0]]
        #expect(try Self.pixels(Self.file(width: 1, height: 1, bits: 32, rows: rows)) == [30, 20, 10])
        let three: [UInt32] = [0xFF, 0xFF00, 0xFF0000]
        let ordered = Self.file(width: 1, height: 1, bits: 32, compression: 3, masks: three, rows: rows)
        #expect(try Self.pixels(ordered) == [10, 20, 30])
        let four: [UInt32] = [0xFF0000, 0xFF00, 0xFF, 0xFF00_0000]
        let clear = Self.file(width: 1, height: 1, bits: 32, compression: 3, masks: four, rows: rows)
        #expect(try Self.pixels(clear) == [255, 255, 255])
        let half = Self.file(width: 1, height: 1, bits: 32, compression: 3, masks: four, rows: [[10, 20, 30, 128]])
        #expect(try Self.pixels(half) == [142, 137, 132])
    }

    @Test("1, 4 and 8 bits take colors from the palette, the leftmost pixel from the highest bits")
    func palettes() throws {
        let palette: [UInt8] = [1, 2, 3, 0, 4, 5, 6, 0]
        let expected: [UInt8] = [6, 5, 4, 3, 2, 1, 6, 5, 4]
        let rows: [(bits: UInt16, bytes: [UInt8])] = [
            (1, [0b1010_0000, 0, 0, 0]), (4, [0x10, 0x10, 0, 0]), (8, [1, 0, 1, 0]),
        ]
        for (bits, row) in rows {
            let file = Self.file(width: 3, height: 1, bits: bits, palette: palette, colors: 2, rows: [row])
            #expect(try Self.pixels(file) == expected, "\(bits) bits")
        }
    }

    @Test("a header of OS/2 has 16-bit sizes and a palette of three bytes a color")
    func coreHeader() throws {
        let info = UInt32(12).littleEndianBytes + [1, 0, 1, 0, 1, 0, 1, 0]
        let file =
            Array("BM".utf8) + [UInt8](repeating: 0, count: 8) + UInt32(32).littleEndianBytes + info
            + [1, 2, 3, 4, 5, 6] + [0x80, 0, 0, 0]
        #expect(try Self.pixels(file) == [6, 5, 4])
        for count in 0..<file.count {
            #expect(throws: InputError.self) { try Self.pixels(Array(file.prefix(count))) }
        }
    }

    @Test("other kinds are named")
    func unsupported() {
        func fact(_ file: [UInt8]) -> String {
            let error = #expect(throws: InputError.self) { try Self.pixels(file) }
            return error?.fact ?? ""
        }
        let rows: [[UInt8]] = [[0, 0, 0, 0]]
        #expect(fact(Self.file(width: 1, height: 1, bits: 8, compression: 1, rows: rows)).contains("compression 1"))
        #expect(fact(Self.file(width: 1, height: 1, bits: 16, rows: rows)).contains("16 bits a pixel"))
        let masks: [UInt32] = [0xF800, 0x7E0, 0x1F]
        let odd = Self.file(width: 1, height: 1, bits: 32, compression: 3, masks: masks, rows: rows)
        #expect(fact(odd).contains("masks"))
        #expect(fact(Self.file(width: 0, height: 1, bits: 24, rows: [])).contains("no pixels"))
        #expect(fact(Self.file(width: -1, height: 1, bits: 24, rows: rows)).contains("no pixels"))
        #expect(fact(Self.file(width: .max, height: .min, bits: 32, rows: rows)).contains("more than the limit"))
        let beyond = Self.file(width: 1, height: 1, bits: 8, palette: [0, 0, 0, 0], colors: 1, rows: [[9, 0, 0, 0]])
        #expect(fact(beyond).contains("a color beyond the palette"))
    }
}

import ImageInput

/// A picture as sixels (VT330/VT340 Programmer Reference Manual, chapter 14): bands of six rows, in each of which a color after the other
/// is drawn, a character a column. Colors are the nearest of a cube of 6 x 6 x 6, moved by Bayer's pattern so that tones between them
/// show.
struct SixelImage {
    private let picture: Picture

    init(_ picture: Picture) { self.picture = picture }

    /// Parts of a step of the cube's axes, 51, in sixteenths, by row and column.
    private static let pattern = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]

    /// The escape sequence.
    var text: String {
        var text = "\u{1B}Pq\"1;1;\(picture.width);\(picture.height)"
        let colors = (0..<picture.height).map { row in (0..<picture.width).map { color($0, row) } }
        for color in Set(colors.joined()).sorted() {
            text += "#\(color);2;\(color / 36 * 20);\(color / 6 % 6 * 20);\(color % 6 * 20)"
        }
        for top in stride(from: 0, to: picture.height, by: 6) {
            text += band(colors[top..<min(top + 6, picture.height)]) + "-"
        }
        return text + "\u{1B}\\"
    }

    /// The number of a pixel's color: 36 red + 6 green + blue, 0...5 each.
    private func color(_ x: Int, _ y: Int) -> Int {
        let start = (y * picture.width + x) * 3
        return picture.pixels[start..<start + 3].reduce(0) { color, value in
            color * 6 + min((Int(value) * 16 + Self.pattern[y % 4][x % 4] * 51) / (51 * 16), 5)
        }
    }

    private func band(_ rows: ArraySlice<[Int]>) -> String {
        Set(rows.joined()).sorted().map { color in
            let columns = (0..<picture.width).map { x in
                rows.enumerated().reduce(UInt8(0)) { $0 | ($1.element[x] == color ? 1 << UInt8($1.offset) : 0) }
            }
            return "#\(color)" + Self.packed(columns)
        }.joined(separator: "$")
    }

    /// Characters from `?` on, repeated ones as `!count`.
    private static func packed(_ columns: [UInt8]) -> String {
        var (text, start) = ("", 0)
        while start < columns.count {
            let end = columns[start...].firstIndex { $0 != columns[start] } ?? columns.count
            let character = String(UnicodeScalar(columns[start] + 63))
            text += end - start > 3 ? "!\(end - start)\(character)" : String(repeating: character, count: end - start)
            start = end
        }
        return text
    }
}

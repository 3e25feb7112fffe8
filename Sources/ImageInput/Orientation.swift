/// How stored rows and columns relate to the upright picture: the values of EXIF's Orientation tag.
enum Orientation: Int, CaseIterable {
    case upright = 1
    case mirrored = 2
    case upsideDown = 3
    case flipped = 4
    case transposed = 5
    case needsClockwiseTurn = 6
    case transversed = 7
    case needsCounterclockwiseTurn = 8

    /// Whether width and height are exchanged.
    var exchangesAxes: Bool { rawValue >= 5 }

    /// Where the upright picture's pixel (0, 0) is stored, and how far a step along its x and y leads, in stored pixels.
    func walk(width: Int, height: Int) -> (start: Int, stepX: Int, stepY: Int) {
        let (right, bottom) = (width - 1, (height - 1) * width)
        return switch self {
        case .upright: (0, 1, width)
        case .mirrored: (right, -1, width)
        case .upsideDown: (bottom + right, -1, -width)
        case .flipped: (bottom, 1, -width)
        case .transposed: (0, width, 1)
        case .needsClockwiseTurn: (bottom, -width, 1)
        case .transversed: (bottom + right, -width, -1)
        case .needsCounterclockwiseTurn: (right, width, -1)
        }
    }
}

extension Picture {
    /// The upright form of a picture that is stored in `orientation`.
    func turnedUpright(from orientation: Orientation) -> Picture {
        guard orientation != .upright else { return self }
        let (start, stepX, stepY) = orientation.walk(width: width, height: height)
        let (newWidth, newHeight) = orientation.exchangesAxes ? (height, width) : (width, height)
        return Picture(width: newWidth, height: newHeight) { target in
            pixels.withUnsafeBufferPointer { source in
                for tile in Tile.covering(width: newWidth, height: newHeight) {
                    for y in tile.rows {
                        var from = 3 * (start + y * stepY + tile.columns.lowerBound * stepX)
                        var to = 3 * (y * newWidth + tile.columns.lowerBound)
                        for _ in tile.columns {
                            target[to] = source[from]
                            target[to + 1] = source[from + 1]
                            target[to + 2] = source[from + 2]
                            from += 3 * stepX
                            to += 3
                        }
                    }
                }
            }
        }
    }
}

/// A part of a picture so small that its source and target stay in the nearest cache when axes are exchanged.
private struct Tile {
    let rows: Range<Int>
    let columns: Range<Int>

    static func covering(width: Int, height: Int) -> [Tile] {
        let side = 64
        return stride(from: 0, to: height, by: side).flatMap { top in
            stride(from: 0, to: width, by: side).map { left in
                Tile(rows: top..<min(top + side, height), columns: left..<min(left + side, width))
            }
        }
    }
}

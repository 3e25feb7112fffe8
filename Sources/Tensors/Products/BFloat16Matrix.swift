import COneDNN

/// A row-major matrix of bfloat16 values, shape `[rows, columns]`: a `Float` without its lower 16 bits, and half its size.
public struct BFloat16Matrix: Sendable, Hashable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    var elements: [UInt16]

    private static let elementsPerPiece = 1 << 16

    /// Whether this processor, as oneDNN sees it, can multiply such matrices: with AVX-512. `ONEDNN_MAX_CPU_ISA` in the environment
    /// counts.
    public static var hasProducts: Bool {
        let needed = dnnl_cpu_isa_avx512_core.rawValue
        return dnnl_get_effective_cpu_isa().rawValue & needed == needed
    }

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        elements = [UInt16](repeating: 0, count: rows * columns)
    }

    /// `matrix` rounded to the nearest bfloat16, to the even one at a tie; NaN stays NaN.
    public init(rounding matrix: Matrix) {
        self.init(rows: matrix.rows, columns: matrix.columns)
        round(matrix)
    }

    /// Takes over the values of `matrix`, which has the same number of them, in the memory that is there.
    public mutating func round(_ matrix: Matrix) {
        precondition(
            matrix.rows == rows && matrix.columns == columns,
            "[\(matrix.rows), \(matrix.columns)] rounded into [\(rows), \(columns)]")
        matrix.withUnsafeElements { source in
            elements.withUnsafeMutableBufferPointer { target in
                Parallel.forEachRange(of: source.count, length: Self.elementsPerPiece) { range in
                    for index in range { target[index] = Self.rounded(source[index].bitPattern) }
                }
            }
        }
    }

    @inline(__always)
    private static func rounded(_ bits: UInt32) -> UInt16 {
        let nearest = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
        let quiet = UInt16(truncatingIfNeeded: bits >> 16 | 0x40)
        return bits & 0x7FFF_FFFF > 0x7F80_0000 ? quiet : nearest
    }

    /// The values as `Float`, exactly.
    public var matrix: Matrix {
        Matrix(rows: rows, columns: columns, elements: elements.map { Float(bitPattern: UInt32($0) << 16) })
    }

    /// Writes the product of `self` and `other`, each oriented first, to `target`: values are multiplied exactly and added up
    /// in single precision, by oneDNN, with the same bits on any number of threads. Traps where `hasProducts` is false.
    public func multiply(
        by other: BFloat16Matrix, _ own: Matrix.Orientation, _ others: Matrix.Orientation,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        elements.withUnsafeBufferPointer { left in
            other.elements.withUnsafeBufferPointer { right in
                TiledProduct(
                    ProductFactor(left, rows, columns, own),
                    ProductFactor(right, other.rows, other.columns, others), into: target
                ).compute()
            }
        }
    }
}

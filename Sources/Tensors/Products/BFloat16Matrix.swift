import CKernels

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
    public static var hasProducts: Bool { ProductKernel.hasAVX512 }

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
            withUnsafeRounding { round in
                Parallel.forEachRange(of: source.count, length: Self.elementsPerPiece) { range in
                    round(source.extracting(range), range.lowerBound)
                }
            }
        }
    }

    /// Calls `body` with a function that rounds values into the places from a first one on, in row-major order. Several threads may
    /// call it, for different places.
    package mutating func withUnsafeRounding(
        _ body: (_ round: (_ values: UnsafeBufferPointer<Float>, _ first: Int) -> Void) -> Void
    ) {
        elements.withUnsafeMutableBufferPointer { target in
            body { values, first in
                let places = target.extracting(first..<first + values.count)
                guard let from = values.baseAddress, let to = places.baseAddress else { return }
                ftc_f32_to_bf16(from, to, values.count)
            }
        }
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
        PendingProduct(self, own, other, others).compute(into: target)
    }
}

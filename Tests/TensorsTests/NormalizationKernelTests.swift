import CKernels
import Tensors
import Testing

/// The arguments of one pass over a strip, and its naive twin; results are in the order of the kernels' arguments.
private struct StripPass: CustomTestStringConvertible {
    /// A strip of `width` columns, the first of `stride`.
    struct Shape {
        let rows, stride, width: Int
    }

    typealias Values = [Float]
    typealias Pass = @Sendable (_ a: inout Values, _ b: inout Values, _ columns: inout [Values], _ shape: Shape) -> Void

    let testDescription: String
    /// On two matrices and four rows of columns.
    let kernel: Pass
    /// The same on one value and what there is one of for its column.
    let twin: @Sendable (_ a: inout Float, _ b: inout Float, _ columns: inout [Float]) -> Void
    /// How many of the columns' values, the first ones, are sums that begin at 0.
    let sums: Int

    static let (floor, factor, share): (Float, Float, Float) = (-0.25, 1.25, 1 / 3)

    static let all = [
        StripPass("sums of columns", sums: 1) { a, _, c, s in
            ftc_column_sums(a, s.rows, s.stride, s.width, &c[0])
        } twin: { a, _, c in
            c[0] += a
        },
        StripPass("squares of columns", sums: 1) { a, _, c, s in
            ftc_column_squares(a, s.rows, s.stride, s.width, c[1], &c[0])
        } twin: { a, _, c in
            let deviation = a - c[1]
            c[0] += deviation * deviation
        },
        StripPass("normalized values", sums: 0) { a, _, c, s in
            ftc_normalize(&a, s.rows, s.stride, s.width, c[0], c[1])
        } twin: { a, _, c in
            a = (a - c[0]) * c[1]
        },
        StripPass("scale and shift", sums: 0) { a, b, c, s in
            ftc_scale_shift(a, s.rows, s.stride, s.width, c[0], c[1], floor, &b)
        } twin: { a, b, c in
            let result = a * c[0] + c[1]
            b = result < floor ? floor : result
        },
        StripPass("masked slopes", sums: 0) { a, b, _, s in
            ftc_mask_slopes(&a, b, s.rows, s.stride, s.width, factor)
        } twin: { a, b, _ in
            a = b > 0 ? factor * a : 0
        },
        StripPass("sums of slopes", sums: 2) { a, b, c, s in
            var shift = c[1]
            ftc_slope_sums(a, b, s.rows, s.stride, s.width, &c[0], &shift)
            c[1] = shift
        } twin: { a, b, c in
            c[0] += a * b
            c[1] += a
        },
        StripPass("propagated slopes", sums: 0) { a, b, c, s in
            ftc_propagate_slopes(&a, b, s.rows, s.stride, s.width, c[0], c[1], c[2], c[3], share)
        } twin: { a, b, c in
            a = c[2] * c[3] * (a - share * (c[1] + b * c[0]))
        },
    ]

    private init(
        _ name: String, sums: Int, _ kernel: @escaping Pass,
        twin: @escaping @Sendable (inout Float, inout Float, inout [Float]) -> Void
    ) {
        (testDescription, self.kernel, self.twin, self.sums) = (name, kernel, twin, sums)
    }

    func runTwin(_ a: inout Values, _ b: inout Values, _ columns: inout [Values], _ shape: Shape) {
        for column in 0..<shape.width {
            var own = columns.map { $0[column] }
            for place in 0..<sums { own[place] = 0 }
            for row in 0..<shape.rows {
                twin(&a[row * shape.stride + column], &b[row * shape.stride + column], &own)
            }
            for place in columns.indices { columns[place][column] = own[place] }
        }
    }
}

extension KernelTests {
    @Test(
        "A pass of batch normalization has the bits of its naive twin at every level, and writes nothing beyond",
        arguments: StripPass.all)
    private func stripPasses(pass: StripPass) {
        var generator = SeededGenerator(seed: 8)
        func random(_ count: Int) -> [Float] { (0..<count).map { _ in generator.uniform(-1, 1) } }
        for (rows, width) in [(1, 1), (2, 7), (5, 16), (3, 17), (9, 64), (4, 65), (7, 40)] {
            let shape = StripPass.Shape(rows: rows, stride: width + 5, width: width)
            var (a, b) = (random(rows * shape.stride), random(rows * shape.stride))
            a[0] = .nan
            let (first, columns) = ((a, b), (0..<4).map { _ in random(width + 3) })
            var expected = columns
            pass.runTwin(&a, &b, &expected, shape)
            let wanted = (a + b + expected.joined()).map(\.bitPattern)
            atEveryLevel { level in
                var ((a, b), columns) = (first, columns)
                pass.kernel(&a, &b, &columns, shape)
                let found = (a + b + columns.joined()).map(\.bitPattern)
                // NaN has no one pattern.
                #expect(
                    zip(found, wanted).allSatisfy {
                        $0 == $1 || Float(bitPattern: $0).isNaN && Float(bitPattern: $1).isNaN
                    }, "[\(rows), \(width)] at \(level)")
            }
        }
    }
}

import Tensors
import Testing

@Suite("SymmetricMatrix and SymmetricEigen")
struct SymmetricEigenTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        return Matrix(
            rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in generator.uniform(-1, 1) })
    }

    @Test("Sums of products equal the naive ones")
    func products() {
        let (first, second) = (random(9, 5, seed: 1), random(4, 5, seed: 2))
        var sum = SymmetricMatrix(order: 5)
        sum.addProducts(of: first)
        sum.addProducts(of: second, factor: -0.5)
        for row in 0..<5 {
            for column in 0..<5 {
                let expected =
                    (0..<9).reduce(0.0) { $0 + Double(first[$1, row]) * Double(first[$1, column]) }
                    - (0..<4).reduce(0.0) { $0 + Double(second[$1, row]) * Double(second[$1, column]) } / 2
                #expect(abs(sum[row, column] - expected) < 1e-5)
            }
        }
        let trace = (0..<5).reduce(0.0) { $0 + sum[$1, $1] }
        sum.scale(by: 2)
        sum.symmetrize()
        #expect(abs(sum.trace - 2 * trace) < 1e-12 && sum[3, 1] == sum[1, 3])
    }

    @Test("Vectors are orthonormal, values ascend, and together they are the matrix", arguments: [0, 1, 2, 7, 60])
    func decomposition(order: Int) throws {
        var matrix = SymmetricMatrix(order: order)
        matrix.addProducts(of: random(max(1, order / 2), order, seed: 3))
        matrix.addProducts(of: random(3, order, seed: 4), factor: -1)
        let eigen = try SymmetricEigen(matrix)
        #expect(eigen.values == eigen.values.sorted() && eigen.values.count == order)
        for row in 0..<order {
            for column in 0..<order {
                let dot = zip(eigen.vectors.row(row), eigen.vectors.row(column)).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(dot - (row == column ? 1 : 0)) < 1e-5)
                let value = (0..<order).reduce(0.0) {
                    $0 + eigen.values[$1] * Double(eigen.vectors[$1, row]) * Double(eigen.vectors[$1, column])
                }
                #expect(abs(value - matrix[row, column]) < 1e-5)
            }
        }
    }

    @Test("What is not finite has no eigenvectors")
    func notFinite() {
        var matrix = SymmetricMatrix(order: 3)
        matrix.addProducts(of: Matrix(rows: 1, columns: 3, elements: [1, .nan, 0]))
        #expect(throws: InputError.self) { try SymmetricEigen(matrix) }
    }
}

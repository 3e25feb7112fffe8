import Synchronization
import Tensors
import Testing

@Suite("Matrix and MatrixProduct")
struct MatrixTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        return Matrix(
            rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in generator.uniform(-1, 1) })
    }

    private func naiveProduct(_ left: Matrix, _ right: Matrix) -> Matrix {
        var result = Matrix(rows: left.rows, columns: right.columns)
        for i in 0..<left.rows {
            for j in 0..<right.columns {
                result[i, j] = Float((0..<left.columns).reduce(0.0) { $0 + Double(left[i, $1]) * Double(right[$1, j]) })
            }
        }
        return result
    }

    @Test(
        "Strips are the product's rows, each once",
        arguments: [(1, 1, 1), (130, 9, 70), (1300, 17, 65), (40, 0, 5), (0, 4, 4), (2050, 8, 300)])
    func strips(m: Int, k: Int, n: Int) {
        let (left, right) = (random(k, m, seed: 1), random(k, n, seed: 2))
        let expected = naiveProduct(left.transposed, right)
        let found = Mutex(Matrix(rows: m, columns: n, repeating: .nan))
        let rowsSeen = Mutex([Int]())
        PendingProduct(left, .transposed, right, .plain).forEachStrip { rows, values in
            rowsSeen.withLock { $0 += rows }
            found.withLock { found in
                for (place, row) in rows.enumerated() {
                    for column in 0..<n { found[row, column] = values[place * n + column] }
                }
            }
        }
        #expect(rowsSeen.withLock { $0.sorted() } == Array(0..<m))
        let product = found.withLock { $0 }
        #expect(zip(product.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-5 * Float(max(k, 1)) })
    }

    @Test(
        "Columns of a product are handed on when they are whole, each once",
        arguments: [(3, 5, 2), (16, 40, 70), (128, 33, 600), (600, 17, 1100), (5, 0, 70), (0, 4, 6), (4, 6, 0)])
    func wholeColumns(m: Int, k: Int, n: Int) {
        let (left, right) = (random(m, k, seed: 1), random(n, k, seed: 2))
        let expected = naiveProduct(left, right.transposed)
        var products = [PendingProduct(left, .plain, right, .transposed)]
        products.append(PendingProduct(left.transposed, .transposed, right.transposed, .plain))
        for product in products {
            #expect((product.rows, product.columns) == (m, n))
            let seen = Mutex<(columns: [Int], wrong: Int)>(([], 0))
            _ = Matrix(rows: m, columns: n) { target in
                let values = UnsafeBufferPointer(target)
                product.compute(into: target) { columns in
                    let wrong = columns.reduce(0) { total, column in
                        total + (0..<m).count { abs(values[$0 * n + column] - expected[$0, column]) > 1e-5 * Float(k) }
                    }
                    seen.withLock { $0 = ($0.columns + columns, $0.wrong + wrong) }
                }
            }
            let (columns, wrong) = seen.withLock { $0 }
            #expect(columns.sorted() == Array(0..<n) && wrong == 0)
        }
    }

    @Test(
        "Products in all orientations equal the naive ones",
        arguments: [
            (1, 1, 1), (3, 5, 2), (17, 33, 9), (64, 130, 70), (128, 40, 600), (1030, 33, 530), (513, 9, 257),
            // Around the bounds between ways to cut tiles.
            (7, 90, 500), (8, 90, 500), (33, 70, 1023), (512, 40, 300), (512, 9, 1300), (520, 9, 4100),
        ])
    func products(m: Int, k: Int, n: Int) {
        let (left, right) = (random(m, k, seed: 1), random(k, n, seed: 2))
        let expected = naiveProduct(left, right)
        for own in [Matrix.Orientation.plain, .transposed] {
            for other in [Matrix.Orientation.plain, .transposed] {
                let product = (own == .plain ? left : left.transposed)
                    .multiplied(by: other == .plain ? right : right.transposed, own, other)
                #expect((product.rows, product.columns) == (m, n))
                #expect(zip(product.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-5 * Float(k) })
            }
        }
    }

    @Test(
        "Products of bfloat16 values, in all orientations, equal the naive ones of the rounded values",
        .enabled(if: BFloat16Matrix.hasProducts, "needs AVX-512"),
        arguments: [(1, 1, 1), (3, 5, 2), (64, 130, 70), (128, 41, 600), (513, 9, 257), (9, 70, 1030)])
    func bfloat16Products(m: Int, k: Int, n: Int) {
        let left = BFloat16Matrix(rounding: random(m, k, seed: 1))
        let right = BFloat16Matrix(rounding: random(k, n, seed: 2))
        let expected = naiveProduct(left.matrix, right.matrix)
        for own in [Matrix.Orientation.plain, .transposed] {
            for other in [Matrix.Orientation.plain, .transposed] {
                let factors = (
                    own == .plain ? left : BFloat16Matrix(rounding: left.matrix.transposed),
                    other == .plain ? right : BFloat16Matrix(rounding: right.matrix.transposed)
                )
                let product = Matrix(rows: m, columns: n) { factors.0.multiply(by: factors.1, own, other, into: $0) }
                #expect(zip(product.elements, expected.elements).allSatisfy { abs($0 - $1) < 2e-6 * Float(k) })
            }
        }
    }

    @Test("Rounding to bfloat16 takes the nearest value, the even one at a tie, and keeps what is not finite")
    func bfloat16Rounding() {
        let values: [Float] = [1, 1.00390625, 1.01171875, -1.0039064, 0, -0.0, .infinity, -.infinity, .nan, 3.4e38]
        let rounded = BFloat16Matrix(rounding: Matrix(rows: 1, columns: 10, elements: values)).matrix.elements
        #expect(Array(rounded[..<8]) == [1, 1, 1.015625, -1.0078125, 0, -0.0, .infinity, -.infinity])
        #expect(rounded[5].sign == .minus && rounded[8].isNaN && rounded[9] == .infinity)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<1000 {
            let value = generator.uniform(-100, 100)
            let near = BFloat16Matrix(rounding: Matrix(rows: 1, columns: 1, elements: [value])).matrix[0, 0]
            #expect(abs(near - value) <= abs(value) / 256)
        }
    }

    @Test("The first tiles of a large product have the same bits as a product of their own")
    func tiles() {
        let (left, right) = (random(600, 70, seed: 3), random(70, 1100, seed: 4))
        let whole = left.multiplied(by: right)
        #expect(whole.rows(in: 0..<512) == left.rows(in: 0..<512).multiplied(by: right))
        #expect(whole == left.multiplied(by: right))
    }

    @Test("A product over no columns is zero")
    func emptySum() {
        let product = Matrix(rows: 2, columns: 0).multiplied(by: Matrix(rows: 0, columns: 3))
        #expect(product == Matrix(rows: 2, columns: 3))
    }

    @Test("Rows are picked, repeated and sliced")
    func rows() {
        let matrix = Matrix(rows: 3, columns: 2, elements: [0, 1, 2, 3, 4, 5])
        #expect(matrix.rows(at: [2, 0, 2]).elements == [4, 5, 0, 1, 4, 5])
        #expect(matrix.rows(in: 1..<3).elements == [2, 3, 4, 5])
        #expect(Array(matrix.row(1)) == [2, 3])
        #expect(matrix.transposed.elements == [0, 2, 4, 1, 3, 5])
    }

    @Test("Normalized rows have length one, and a row of zeros stays")
    func normalization() {
        let unit = Matrix(rows: 2, columns: 2, elements: [3, 4, 0, 0]).normalizedRows()
        #expect(zip(unit.elements, [0.6, 0.8, 0, 0]).allSatisfy { abs($0 - $1) < 1e-7 })
    }

    @Test("Stacked tensors keep their order")
    func stacking() {
        let items = (0..<3).map { Tensor4(count: 1, channels: 1, height: 1, width: 2, elements: [Float($0), 9]) }
        let batch = Tensor4(stacking: items)
        #expect(batch.shape == [3, 1, 1, 2] && batch.elements == [0, 9, 1, 9, 2, 9])
    }
}

import Tensors
import Testing

@testable import Retrieval

@Suite("A scan by other metrics")
struct MetricScanTests {
    @Test("finds what a full sort finds", arguments: [MetricScan.Measure.innerProduct, .distance])
    func twin(measure: MetricScan.Measure) {
        // Repeated rows, and more than a piece of them.
        let (rows, queries) = (Matrix.randomWithDuplicates(9000, 5, seed: 1), Matrix.random(3, 5, seed: 2))
        let found = MetricScan(rows, by: measure).search(queries, k: 25)
        for query in 0..<3 {
            let scores = (0..<9000).map { row in
                let pairs = zip(queries.row(query), rows.row(row))
                return measure == .innerProduct
                    ? Double(pairs.reduce(0) { $0 + $1.0 * $1.1 })
                    : -Double(pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot())
            }
            let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(25)
            for (neighbor, expected) in zip(found[query], order) {
                #expect(abs(abs(Double(neighbor.score)) - abs(scores[expected])) < 1e-5)
                #expect(rows.row(neighbor.index).elementsEqual(rows.row(expected)))
            }
            for (left, right) in zip(found[query], found[query].dropFirst()) where left.score == right.score {
                #expect(left.index < right.index)
            }
        }
    }

    @Test("finds only eligible rows, those that are not finite last")
    func eligible() {
        var rows = Matrix.random(6, 3, seed: 3)
        rows[2, 1] = .nan
        let scan = MetricScan(rows, by: .distance)
        let found = scan.search(rows.rows(in: 0..<1), k: 9, among: [true, false, true, true, false, true])[0]
        #expect(found.map(\.index).sorted() == [0, 2, 3, 5] && found.first?.index == 0 && found.last?.index == 2)
        #expect(found[0].score == 0)
    }
}

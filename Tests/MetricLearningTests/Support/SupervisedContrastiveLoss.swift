import Foundation

/// The loss behind the reference gradients of the head (Khosla et al. 2020; temperature 0.1, every row has a positive).
enum SupervisedContrastiveLoss {
    static func value(_ x: [[Double]], _ labels: [Int]) -> Double {
        let units = x.map { row in
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / length }
        }
        let losses = units.indices.map { row in
            let scores = units.map { zip($0, units[row]).reduce(0) { $0 + $1.0 * $1.1 } / 0.1 }
            let others = units.indices.filter { $0 != row }
            let top = others.map { scores[$0] }.max() ?? 0
            let total = top + log(others.reduce(0) { $0 + exp(scores[$1] - top) })
            let positives = others.filter { labels[$0] == labels[row] }
            return positives.reduce(0) { $0 + total - scores[$1] } / Double(positives.count)
        }
        return losses.reduce(0, +) / Double(losses.count)
    }
}

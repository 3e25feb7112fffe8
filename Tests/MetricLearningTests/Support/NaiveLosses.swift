import Foundation

/// Losses written down in `Double` from their papers: the twins of the fast ones. `x` are the embeddings, `w` the loss's own
/// weights, one row a class or a center.
struct NaiveLosses {
    let labels: [Int]

    private func unit(_ x: [[Double]]) -> [[Double]] {
        x.map { row in
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / length }
        }
    }

    private func cosines(_ x: [[Double]], _ w: [[Double]]) -> [[Double]] {
        let (x, w) = (unit(x), unit(w))
        return x.map { row in w.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
    }

    private func positives(_ i: Int) -> [Int] { labels.indices.filter { $0 != i && labels[$0] == labels[i] } }
    private func negatives(_ i: Int) -> [Int] { labels.indices.filter { labels[$0] != labels[i] } }
    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
    private func meanAboveZero(_ values: [Double]) -> Double { mean(values.filter { $0 > 0 }) }

    func contrastive(_ x: [[Double]], _ near: Double = 0, _ far: Double = 1) -> Double {
        let u = unit(x)
        func distance(_ i: Int, _ j: Int) -> Double {
            zip(u[i], u[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        let attraction = labels.indices.flatMap { i in positives(i).map { max(0, distance(i, $0) - near) } }
        let repulsion = labels.indices.flatMap { i in negatives(i).map { max(0, far - distance(i, $0)) } }
        return meanAboveZero(attraction) + meanAboveZero(repulsion)
    }

    func multiSimilarity(_ x: [[Double]]) -> Double {
        let s = cosines(x, x)
        return mean(
            labels.indices.map { i in
                let near = positives(i).reduce(1.0) { $0 + exp(-2 * (s[i][$1] - 0.5)) }
                let far = negatives(i).reduce(1.0) { $0 + exp(50 * (s[i][$1] - 0.5)) }
                return log(near) / 2 + log(far) / 50
            })
    }

    func ntXent(_ x: [[Double]]) -> Double {
        let s = cosines(x, x)
        return mean(
            labels.indices.flatMap { i in
                positives(i).map { p in
                    let own = exp(s[i][p] / 0.07)
                    return -log(own / (own + negatives(i).reduce(0) { $0 + exp(s[i][$1] / 0.07) }))
                }
            })
    }

    func supCon(_ x: [[Double]]) -> Double {
        let s = cosines(x, x)
        return meanAboveZero(
            labels.indices.filter { !positives($0).isEmpty }.map { i in
                let others = labels.indices.filter { $0 != i }
                let total = log(others.reduce(0) { $0 + exp(s[i][$1] / 0.1) })
                return mean(positives(i).map { total - s[i][$0] / 0.1 })
            })
    }

    /// The weights are taken from `base`, since no derivative goes through them.
    func circle(_ x: [[Double]], base: [[Double]]) -> Double {
        let (s, b) = (cosines(x, x), cosines(base, base))
        return meanAboveZero(
            labels.indices.filter { !positives($0).isEmpty && !negatives($0).isEmpty }.map { i in
                let near = positives(i).reduce(0) { $0 + exp(-80 * max(0, 1.4 - b[i][$1]) * (s[i][$1] - 0.6)) }
                let far = negatives(i).reduce(0) { $0 + exp(80 * max(0, b[i][$1] + 0.4) * (s[i][$1] - 0.4)) }
                return log(1 + near * far)
            })
    }

    private func crossEntropy(_ logits: [[Double]]) -> Double {
        mean(
            logits.indices.map { i in
                let top = logits[i].max() ?? 0
                return top + log(logits[i].reduce(0) { $0 + exp($1 - top) }) - logits[i][labels[i]]
            })
    }

    func angularMargin(_ x: [[Double]], _ w: [[Double]], centers: Int = 1) -> Double {
        let margin = 28.6 * Double.pi / 180
        return crossEntropy(
            cosines(x, w).enumerated().map { i, row in
                stride(from: 0, to: row.count, by: centers).map { start in
                    let cosine = row[start..<start + centers].max() ?? 0
                    guard start / centers == labels[i] else { return 64 * cosine }
                    let angle = acos(cosine)
                    return 64 * (angle <= .pi - margin ? cos(angle + margin) : cosine - margin * sin(margin))
                }
            })
    }

    func cosineMargin(_ x: [[Double]], _ w: [[Double]]) -> Double {
        crossEntropy(
            cosines(x, w).enumerated().map { i, row in
                row.enumerated().map { 64 * ($0 == labels[i] ? $1 - 0.35 : $1) }
            })
    }

    func normalizedSoftmax(_ x: [[Double]], _ w: [[Double]]) -> Double {
        crossEntropy(cosines(x, w).map { $0.map { $0 / 0.05 } })
    }

    func proxyAnchor(_ x: [[Double]], _ w: [[Double]]) -> Double {
        let s = cosines(x, w)
        let present = Set(labels)
        let near = present.reduce(0) { sum, c in
            sum + log(1 + labels.indices.filter { labels[$0] == c }.reduce(0) { $0 + exp(-32 * (s[$1][c] - 0.1)) })
        }
        let far = w.indices.reduce(0) { sum, c in
            sum + log(1 + labels.indices.filter { labels[$0] != c }.reduce(0) { $0 + exp(32 * (s[$1][c] + 0.1)) })
        }
        return near / Double(present.count) + far / Double(w.count)
    }

    func proxyNCA(_ x: [[Double]], _ w: [[Double]]) -> Double {
        crossEntropy(cosines(x, w).map { $0.map { -(2 - 2 * $0) } })
    }

    func softTriple(_ x: [[Double]], _ w: [[Double]]) -> Double {
        crossEntropy(
            cosines(x, w).enumerated().map { i, row in
                stride(from: 0, to: row.count, by: 10).map { start in
                    let own = row[start..<start + 10]
                    let total = own.reduce(0) { $0 + exp($1 / 0.1) }
                    let similarity = own.reduce(0) { $0 + exp($1 / 0.1) / total * $1 }
                    return 20 * (start / 10 == labels[i] ? similarity - 0.01 : similarity)
                }
            })
    }
}

import Foundation

@testable import MetricLearning

/// The triplet loss as three nested loops in `Double`: the twin of the fast one.
struct NaiveTripletLoss {
    let loss: TripletMarginLoss

    func distance(_ left: [Double], _ right: [Double]) -> Double {
        func unit(_ vector: [Double]) -> [Double] {
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
        let (a, b) = loss.distance.isNormalized ? (unit(left), unit(right)) : (left, right)
        let square = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        switch loss.distance {
        case .euclidean: return square.squareRoot()
        case .squaredEuclidean: return square
        case .cosine, .dotProduct: return -zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    func value(_ x: [[Double]], _ labels: [Int]) -> Double {
        var losses: [Double] = []
        for a in x.indices {
            for p in x.indices where p != a && labels[p] == labels[a] {
                for n in x.indices where labels[n] != labels[a] {
                    var negative = distance(x[a], x[n])
                    if loss.swap { negative = min(negative, distance(x[p], x[n])) }
                    let violation = distance(x[a], x[p]) - negative + Double(loss.margin)
                    losses.append(loss.smooth ? log1p(exp(violation)) : max(violation, 0))
                }
            }
        }
        switch loss.reducer {
        case .mean: return losses.reduce(0, +) / Double(max(losses.count, 1))
        case .sum: return losses.reduce(0, +)
        case .averageNonZero: return losses.reduce(0, +) / Double(max(losses.count { $0 > 0 }, 1))
        case .threshold(let low, let high):
            let kept = losses.filter { $0 > Double(low) && $0 < Double(high) }
            return kept.reduce(0, +) / Double(max(kept.count, 1))
        }
    }
}

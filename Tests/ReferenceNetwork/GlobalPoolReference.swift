import Foundation
public import ModelGraph

extension GlobalPool {
    /// The pooled value of one channel, in double precision.
    public func reference(_ values: [Double]) -> Double {
        switch self {
        case .average: return values.reduce(0, +) / Double(values.count)
        case .max: return values.max() ?? -.infinity
        case .generalizedMean(let exponent, let epsilon):
            let powers = values.map { pow(Swift.max($0, Double(epsilon)), Double(exponent)) }
            return pow(powers.reduce(0, +) / Double(values.count), 1 / Double(exponent))
        }
    }
}

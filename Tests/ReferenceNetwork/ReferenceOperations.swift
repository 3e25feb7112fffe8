import func Foundation.exp
import ModelGraph
import Tensors

extension Operation {
    /// The values of the layer, for a result of the shape of `output`.
    func reference(_ inputs: [ReferenceMap], to output: ReferenceMap) -> [Double] {
        let map = inputs[0]
        switch self {
        case .convolution(let convolution): return convolution.reference(map, to: output)
        case .batchNormalization(let normalization): return normalization.reference(map)
        case .activation(let activation): return map.values.map(activation.reference)
        case .maxPool(let window): return window.pooled(map, to: output) { taps, _ in taps.max() ?? -.infinity }
        case .averagePool(let window, let countsPadding):
            return window.pooled(map, to: output) { taps, inside in
                taps.reduce(0, +) / Double(countsPadding ? inside : taps.count)
            }
        case .globalPool(let pool): return (0..<map.channels).map { pool.reference(map.channel($0)) }
        case .arithmetic(let arithmetic):
            return output.filled { arithmetic.reference(inputs[0].spread($0, $1, $2), inputs[1].spread($0, $1, $2)) }
        case .concatenate: return inputs.flatMap(\.values)
        case .slice(let slice):
            return output.filled { map.value(slice.channels[$0], slice.rows[$1], slice.columns[$2]) ?? .nan }
        case .channelShuffle(let groups):
            return output.filled { map.value($0 % groups * (map.channels / groups) + $0 / groups, $1, $2) ?? .nan }
        case .flatten(.channelsLast):
            let positions = map.height * map.width
            return (0..<map.values.count).map { map.values[$0 % map.channels * positions + $0 / map.channels] }
        case .softmax:
            let sums = (0..<map.height * map.width).map { position in
                (0..<map.channels).reduce(0) { $0 + exp(map.values[$1 * map.height * map.width + position]) }
            }
            return map.values.enumerated().map { exp($1) / sums[$0 % sums.count] }
        case .flatten, .reshape, .identity: return map.values
        case .linear(let linear): return linear.reference(map.values)
        }
    }
}

extension Optional where Wrapped == Slice.Extent {
    fileprivate subscript(index: Int) -> Int { map { $0.start + index * $0.step } ?? index }
}

extension Arithmetic {
    fileprivate func reference(_ first: Double, _ second: Double) -> Double {
        switch self {
        case .add: first + second
        case .subtract: first - second
        case .multiply: first * second
        case .divide: first / second
        }
    }
}

extension BatchNormalization {
    fileprivate func reference(_ map: ReferenceMap) -> [Double] {
        (0..<channels).flatMap { channel in
            map.channel(channel).map { value in
                (value - Double(mean.elements[channel]))
                    / (Double(variance.elements[channel]) + Double(epsilon)).squareRoot()
                    * Double(scale.elements[channel]) + Double(shift.elements[channel])
            }
        }
    }
}

extension Linear {
    fileprivate func reference(_ values: [Double]) -> [Double] {
        (0..<outputs).map { output in
            var sum = Double(bias?.elements[output] ?? 0)
            for input in 0..<inputs { sum += Double(weight.elements[output * inputs + input]) * values[input] }
            return sum
        }
    }
}

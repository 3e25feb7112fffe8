import ModelGraph
import Tensors

extension Window {
    /// What `pool` makes of the values under each window, and of how many of its taps lie on the map or its padding.
    func pooled(_ map: ReferenceMap, to output: ReferenceMap, _ pool: ([Double], Int) -> Double) -> [Double] {
        let pads = resolvedPadding(height: map.height, width: map.width)
        return output.filled { channel, row, column in
            var taps: [Double] = []
            var inside = 0
            for down in 0..<height {
                for across in 0..<width {
                    let y = row * strideDown + down * dilationDown - pads.top
                    let x = column * strideAcross + across * dilationAcross - pads.left
                    if y < map.height + pads.bottom, x < map.width + pads.right { inside += 1 }
                    if let value = map.value(channel, y, x) { taps.append(value) }
                }
            }
            return pool(taps, inside)
        }
    }
}

extension Convolution {
    /// The sums of products, a tap at a time, since whole networks are checked with this.
    func reference(_ map: ReferenceMap, to output: ReferenceMap) -> [Double] {
        let taps = weight.shape[1] * window.height * window.width
        var results = [Double](repeating: 0, count: output.channels * output.height * output.width)
        map.values.withUnsafeBufferPointer { input in
            results.withUnsafeMutableBufferPointer { results in
                for channel in 0..<output.channels {
                    let plane = results.extracting(
                        channel * output.height * output.width..<(channel + 1) * output.height * output.width)
                    plane.update(repeating: Double(bias?.elements[channel] ?? 0))
                    let first = channel / (outputChannels / groups) * weight.shape[1]
                    for tap in 0..<taps {
                        let source = first + tap / (window.height * window.width)
                        let from = input.extracting(
                            source * map.height * map.width..<(source + 1) * map.height * map.width)
                        add(tap, Double(weight.elements[channel * taps + tap]), from, map, to: plane, output)
                    }
                }
            }
        }
        return results
    }

    /// Adds one tap's products at all positions.
    private func add(
        _ tap: Int, _ factor: Double, _ source: UnsafeBufferPointer<Double>, _ map: ReferenceMap,
        to plane: UnsafeMutableBufferPointer<Double>, _ output: ReferenceMap
    ) {
        let pads = window.resolvedPadding(height: map.height, width: map.width)
        let place = tap % (window.height * window.width)
        for row in 0..<output.height {
            let y = row * window.strideDown + place / window.width * window.dilationDown - pads.top
            guard y >= 0, y < map.height else { continue }
            var x = place % window.width * window.dilationAcross - pads.left
            for column in 0..<output.width {
                if x >= 0, x < map.width { plane[row * output.width + column] += factor * source[y * map.width + x] }
                x += window.strideAcross
            }
        }
    }
}

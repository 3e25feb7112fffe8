import Tensors

// What puts maps together, takes them apart and puts zeros around them.
extension ONNXImport {
    mutating func addConcatenation(_ node: ONNXNode) throws {
        let inputs = try node.inputs.indices.map { try view(node, $0) }
        guard let first = inputs.first, let number = node.integer("axis") else { throw ONNXFault(node, "lacks inputs") }
        let position = try axis(number, of: first.axes.count, node)
        guard inputs.allSatisfy({ $0.axes == first.axes }), first.axes[position] == .channels else {
            throw ONNXFault(node, "puts maps together along another dimension than the channels")
        }
        let result = try emit(.concatenate, inputs, node)
        define(node, .layer(ONNXView(result.layer, axes: first.axes)))
    }

    mutating func addPad(_ node: ONNXNode) throws {
        var input = try unpaddedView(node)
        guard node.string("mode") ?? "constant" == "constant" else {
            throw ONNXFault(node, "pads by '\(node.string("mode") ?? "")'; supported are zeros")
        }
        let fill = file.opset >= 11 ? try constant(node, 2)?.scalar ?? 0 : node.float("value") ?? 0
        let rank = input.axes.count
        guard fill == 0, let pads = try file.opset >= 11 ? integers(node, 1, "pads") : node.integers("pads") else {
            throw ONNXFault(node, "pads with \(fill); supported are zeros")
        }
        var padded = try file.opset >= 18 ? integers(node, 3, "axes") ?? Array(0..<rank) : Array(0..<rank)
        padded = try padded.map { try axis($0, of: rank, node) }
        guard pads.count == 2 * padded.count, pads.allSatisfy({ (0...4096).contains($0) }) else {
            throw ONNXFault(node, "has padding of \(pads); supported are numbers from 0 to 4096")
        }
        var channels = (before: 0, after: 0)
        for (index, position) in padded.enumerated() {
            let (before, after) = (pads[index], pads[index + padded.count])
            switch input.axes[position] {
            case .height:
                input.padding.top += before
                input.padding.bottom += after
            case .width:
                input.padding.left += before
                input.padding.right += after
            case .channels: channels = (before, after)
            default:
                guard before == 0, after == 0 else { throw ONNXFault(node, "pads another dimension than a map's") }
            }
        }
        let pending = [input.padding.top, input.padding.left, input.padding.bottom, input.padding.right]
        guard pending.allSatisfy({ $0 <= 4096 }) else {
            throw ONNXFault(node, "adds to padding so that it is \(pending); supported are numbers from 0 to 4096")
        }
        if channels != (0, 0) { input = try addingChannels(channels.before, channels.after, to: input, node) }
        define(node, .layer(input))
    }

    /// Channels of zeros around those of a map: a convolution that copies, as the shortcuts of CIFAR's ResNets have them.
    private mutating func addingChannels(
        _ before: Int, _ after: Int, to input: ONNXView, _ node: ONNXNode
    ) throws -> ONNXView {
        let channels = shape(input).channels
        guard shape(input).isMap, (before + channels + after) * channels <= 1 << 22 else {
            throw ONNXFault(node, "pads \(dimensions(input)) by \(before) and \(after) channels")
        }
        var weights = [Float](repeating: 0, count: (before + channels + after) * channels)
        for channel in 0..<channels { weights[(before + channel) * channels + channel] = 1 }
        let weight = DenseTensor(shape: [before + channels + after, channels, 1, 1], elements: weights)
        let bare = ONNXView(input.layer, axes: input.axes)
        let wide = try emit(
            .convolution(Convolution(weight: weight, padding: .all(0))), [bare], node, suffix: "_channels")
        var view = ONNXView(wide.layer, axes: input.axes)
        view.padding = input.padding
        return view
    }

    mutating func addSlice(_ node: ONNXNode) throws {
        let input = try view(node)
        let isOld = file.opset < 10
        guard let starts = try isOld ? node.integers("starts") : integers(node, 1, "starts"),
            let ends = try isOld ? node.integers("ends") : integers(node, 2, "ends"), starts.count == ends.count
        else { throw ONNXFault(node, "lacks its ranges") }
        let axes = try isOld ? node.integers("axes") : integers(node, 3, "axes")
        let steps = try isOld ? nil : integers(node, 4, "steps")
        let lengths = dimensions(input)
        var extents: [ONNXView.Axis: Slice.Extent] = [:]
        for index in starts.indices {
            let position = try axis(axes.map { index < $0.count ? $0[index] : index } ?? index, of: lengths.count, node)
            let step = steps.map { index < $0.count ? $0[index] : 1 } ?? 1
            let start = Self.clamped(starts[index], lengths[position])
            let end = Self.clamped(ends[index], lengths[position])
            guard step > 0, start < end else { throw ONNXFault(node, "takes \(start) to \(end) by \(step)") }
            let count = (end - start - 1) / step + 1
            if count < lengths[position] {
                extents[input.axes[position]] = .init(start: start, count: count, step: step)
            }
        }
        define(node, .layer(try slice(input, extents, node)))
    }

    private mutating func slice(
        _ input: ONNXView, _ extents: [ONNXView.Axis: Slice.Extent], _ node: ONNXNode, suffix: String = ""
    ) throws -> ONNXView {
        guard !extents.isEmpty else { return input }
        guard Set(extents.keys).isSubset(of: [.channels, .height, .width]) else {
            throw ONNXFault(node, "cuts another dimension than channels, height and width")
        }
        let slice = Slice(channels: extents[.channels], rows: extents[.height], columns: extents[.width])
        return ONNXView(try emit(.slice(slice), [input], node, suffix: suffix).layer, axes: input.axes)
    }

    mutating func addSplit(_ node: ONNXNode) throws {
        let input = try view(node)
        let position = try axis(node.integer("axis") ?? 0, of: input.axes.count, node)
        let length = dimensions(input)[position]
        let given = file.opset >= 13 ? try integers(node, 1, "split") : node.integers("split")
        let count = node.outputs.count
        let equal = (length + count - 1) / max(1, count)
        let lengths = given ?? (0..<count).map { min(equal, length - $0 * equal) }
        guard lengths.count == count, lengths.allSatisfy({ (1...max(1, length)).contains($0) }),
            lengths.reduce(0, +) == length
        else {
            throw ONNXFault(node, "splits \(length) into \(lengths)")
        }
        var start = 0
        for (index, part) in lengths.enumerated() {
            let extent = Slice.Extent(start: start, count: part)
            let view = try slice(
                input, part == length ? [:] : [input.axes[position]: extent], node, suffix: "_\(index)")
            define(node, .layer(view), output: index)
            start += part
        }
    }
}

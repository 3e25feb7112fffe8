import Tensors

// How results are seen: what layers take is made where it is not there yet.
extension ONNXImport {
    /// The view with the zeros around it in place.
    mutating func padded(_ view: ONNXView, _ node: ONNXNode) throws -> ONNXView {
        guard !view.padding.isNone else { return view }
        // A convolution that copies each channel, with padding of its own.
        let channels = shape(view).channels
        let ones = DenseTensor(shape: [channels, 1, 1, 1], elements: [Float](repeating: 1, count: channels))
        let pads = view.padding
        let window = Window(
            height: 1, width: 1,
            padding: .explicit(top: pads.top, left: pads.left, bottom: pads.bottom, right: pads.right))
        let copy = Convolution(weight: ones, bias: nil, groups: channels, window: window)
        let bare = ONNXView(view.layer, axes: view.axes)
        return ONNXView(try emit(.convolution(copy), [bare], node, suffix: "_padding").layer, axes: view.axes)
    }

    /// A map as its layer gives it, channels first. A vector becomes a map of one position.
    mutating func mapView(_ view: ONNXView, _ node: ONNXNode) throws -> ONNXView {
        let lengths = dimensions(view)
        let expected: [ONNXView.Axis] = [.batch, .channels, .height, .width]
        guard view.axes.count == 4,
            zip(view.axes, expected).enumerated().allSatisfy({ index, axes in
                axes.0 == axes.1 || (index > 1 && lengths[index] == 1)
            })
        else { throw ONNXFault(node, "takes a map whose dimensions stand in another order") }
        guard !shape(view).isMap else {
            var map = ONNXView(view.layer, axes: expected)
            map.padding = view.padding
            return map
        }
        return try asMap(view, node)
    }

    /// The layer's result as a map, whatever order it is seen in.
    mutating func asMap(_ view: ONNXView, _ node: ONNXNode) throws -> ONNXView {
        guard !shape(view).isMap else { return view }
        let map = FeatureShape.map(channels: shape(view).channels, height: 1, width: 1)
        return try emit(.reshape(map), [view], node, suffix: "_map")
    }

    /// A vector as dense layers take it.
    mutating func vectorView(_ view: ONNXView, _ node: ONNXNode) throws -> ONNXView {
        let rest = dimensions(view).dropFirst(2)
        guard view.axes.count >= 2, view.axes[0] == .batch, view.axes[1] == .channels, rest.allSatisfy({ $0 == 1 })
        else {
            throw ONNXFault(node, "takes \(dimensions(view)) where one vector a picture is expected")
        }
        return try flattened(view, node)
    }

    /// The values of a layer as a vector, in the order in which they are seen.
    mutating func flattened(_ view: ONNXView, _ node: ONNXNode) throws -> ONNXView {
        guard shape(view).isMap else { return ONNXView(view.layer, axes: [.batch, .channels]) }
        let order = try flattenOrder(view, node)
        return try emit(.flatten(order), [view], node, suffix: "_flatten")
    }

    /// In which order the values of a map are seen.
    func flattenOrder(_ view: ONNXView, _ node: ONNXNode) throws -> FlattenOrder {
        let lengths = dimensions(view)
        let long = view.axes.indices.filter { lengths[$0] > 1 || view.axes[$0] == .batch }.map { view.axes[$0] }
        guard long.first == .batch || batch == 1 else { throw ONNXFault(node, "mixes pictures") }
        let inner = long.filter { $0 != .batch }
        let isSpatial: (ONNXView.Axis) -> Bool = { [.height, .width, .positions].contains($0) }
        guard inner.contains(where: isSpatial), inner.contains(where: { !isSpatial($0) }) else { return .channelsFirst }
        guard inner != [.height, .width, .channels], inner != [.positions, .channels] else { return .channelsLast }
        let isInOrder = inner.filter(isSpatial) != [.width, .height] && !isSpatial(inner[0])
        guard isInOrder, !inner.contains(where: { if case .member = $0 { true } else { false } }) else {
            throw ONNXFault(node, "flattens a map in an order that is not supported")
        }
        return .channelsFirst
    }
}

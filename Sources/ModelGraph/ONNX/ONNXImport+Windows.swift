import Tensors

// What slides over a map.
extension ONNXImport {
    /// The window of a node on a map, with the zeros that wait around the map where those may be added to its own.
    func window(_ node: ONNXNode, size: [Int], on input: ONNXView) throws -> Window {
        let strides = try pair(node, "strides")
        let dilations = try pair(node, "dilations")
        guard size.count == 2, size.allSatisfy({ (1...Self.largestWindow).contains($0) }) else {
            throw ONNXFault(node, "has a window of \(size); supported are two dimensions")
        }
        let make = { (padding: Padding) in
            Window(
                height: size[0], width: size[1], strideDown: strides[0], strideAcross: strides[1],
                dilationDown: dilations[0], dilationAcross: dilations[1], padding: padding,
                roundsUp: node.opType != "Conv" && (node.integer("ceil_mode") ?? 0) != 0)
        }
        let own = try padding(node)
        guard !input.padding.isNone else { return make(own) }
        let map = dimensions(ONNXView(input.layer, axes: [.height, .width]))
        let wide = (
            map[0] + input.padding.top + input.padding.bottom, map[1] + input.padding.left + input.padding.right
        )
        let pads = make(own).resolvedPadding(height: wide.0, width: wide.1)
        return make(
            .explicit(
                top: pads.top + input.padding.top, left: pads.left + input.padding.left,
                bottom: pads.bottom + input.padding.bottom, right: pads.right + input.padding.right))
    }

    private static let largestWindow = 4096

    private func pair(_ node: ONNXNode, _ name: String) throws -> [Int] {
        let values = node.integers(name) ?? [1, 1]
        guard values.count == 2, values.allSatisfy({ (1...Self.largestWindow).contains($0) }) else {
            throw ONNXFault(node, "has \(name) of \(values); supported are two numbers above 0")
        }
        return values
    }

    private func padding(_ node: ONNXNode) throws -> Padding {
        switch node.string("auto_pad") ?? "NOTSET" {
        case "SAME_UPPER": return .same
        case "SAME_LOWER": return .sameLower
        case "VALID": return .all(0)
        case "NOTSET", "": break
        case let other: throw ONNXFault(node, "has auto_pad '\(other)'", remedy: "The file is damaged.")
        }
        let pads = node.integers("pads") ?? [0, 0, 0, 0]
        guard pads.count == 4, pads.allSatisfy({ (0...Self.largestWindow).contains($0) }) else {
            throw ONNXFault(node, "has padding of \(pads); supported are four numbers, none below 0")
        }
        return .explicit(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    }

    /// The window of a pool. Padding as wide as the window would leave windows without any value.
    private func poolWindow(_ node: ONNXNode, on input: ONNXView) throws -> Window {
        let window = try window(node, size: node.integers("kernel_shape") ?? [], on: input)
        guard case .explicit(let top, let left, let bottom, let right) = window.padding else { return window }
        guard max(top, bottom) < window.height, max(left, right) < window.width else {
            throw ONNXFault(
                node, "has padding of \([top, left, bottom, right]) for a window of \(window.height) x \(window.width)")
        }
        return window
    }

    mutating func addMaxPool(_ node: ONNXNode) throws {
        guard node.outputs.count < 2 || node.outputs[1].isEmpty else {
            throw ONNXFault(node, "gives the places of the largest values")
        }
        let input = try mapView(try view(node), node)
        let window = try poolWindow(node, on: input)
        define(node, .layer(try emit(.maxPool(window), [input], node)))
    }

    mutating func addAveragePool(_ node: ONNXNode) throws {
        var input = try mapView(try view(node), node)
        var window = try poolWindow(node, on: input)
        var countsPadding = (node.integer("count_include_pad") ?? 0) != 0
        if countsPadding && window.roundsUp {
            // Padding counts, and what a window reaches beyond it does not: the padding becomes part of the map.
            let pads = window.resolvedPadding(height: shape(input).height, width: shape(input).width)
            input.padding = EdgePadding(top: pads.top, left: pads.left, bottom: pads.bottom, right: pads.right)
            input = try padded(input, node)
            window = window.unpadded
            countsPadding = false
        }
        define(node, .layer(try emit(.averagePool(window, countsPadding: countsPadding), [input], node)))
    }

    mutating func addGlobalPool(_ pool: GlobalPool, _ node: ONNXNode) throws {
        let input = try mapView(try view(node), node)
        define(node, .layer(try emit(.globalPool(pool), [input], node)))
    }

    /// A reduction over height and width.
    mutating func addReduction(_ pool: GlobalPool, _ node: ONNXNode, axesAreInputSince version: Int) throws {
        let input = try view(node)
        let given = file.opset >= version ? try integers(node, 1, "axes") : node.integers("axes")
        let rank = input.axes.count
        let isAll = (given ?? []).isEmpty && (node.integer("noop_with_empty_axes") ?? 0) == 0
        let reduced = Set(try (isAll ? Array(0..<rank) : given ?? []).map { try axis($0, of: rank, node) })
        let lengths = dimensions(input)
        let kinds = Set(reduced.filter { lengths[$0] > 1 }.map { input.axes[$0] })
        var result = input
        if !kinds.isEmpty {
            let isSpatial = kinds.isSubset(of: [.height, .width, .positions])
            let isWhole = input.axes.indices.allSatisfy {
                ![.height, .width, .positions].contains(input.axes[$0]) || lengths[$0] == 1 || reduced.contains($0)
            }
            guard isSpatial, isWhole else {
                throw ONNXFault(node, "reduces other dimensions than height and width together")
            }
            result = ONNXView(try emit(.globalPool(pool), [input], node).layer, axes: input.axes)
        }
        let keeps = (node.integer("keepdims") ?? 1) != 0
        result.axes = input.axes.indices.compactMap { index in
            guard reduced.contains(index) else { return input.axes[index] }
            return keeps ? (input.axes[index] == .batch ? .batch : .one) : nil
        }
        define(node, .layer(result))
    }
}

extension Window {
    fileprivate var unpadded: Window {
        Window(
            height: height, width: width, strideDown: strideDown, strideAcross: strideAcross,
            dilationDown: dilationDown, dilationAcross: dilationAcross, roundsUp: roundsUp)
    }
}

import Tensors

/// An error about one node.
func ONNXFault(
    _ node: ONNXNode, _ fact: String, remedy: String = "Cut the network before it, or export it without."
) -> InputError {
    InputError("operator \(node.opType), node '\(node.name)'", fact, remedy: remedy)
}

extension ONNXImport {
    /// What to say of an operator that is not known.
    func unsupported(_ node: ONNXNode) -> InputError {
        let before = node.inputs.compactMap { name -> String? in
            guard let value = try? view(ofOutput: name), value.layer != ModelGraph.inputName else { return nil }
            return value.layer
        }
        let cut = before.last.map { "Cut before it (--cut \($0))" } ?? "Cut before it (--cut)"
        return ONNXFault(
            node, "is not supported",
            remedy: "\(cut), or export the network without it. Supported: "
                + Self.handlers.keys.sorted().joined(separator: ", ") + ".")
    }
}

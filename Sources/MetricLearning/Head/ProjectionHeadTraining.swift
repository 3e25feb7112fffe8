public import Tensors

extension ProjectionHead {
    /// The embeddings of a batch, `[batch, outputDimension]`, normalized with the batch's own statistics, which also enter
    /// the running ones; where the workspace has a share of a batch, with those of the whole batch. Traps on a batch of one row,
    /// for which PyTorch raises an error too: it has no variance.
    public mutating func forward(_ features: Matrix, workspace: inout HeadWorkspace) -> Matrix {
        checkWidth(of: features)
        let batch = workspace.share?.count ?? features.rows
        precondition(
            batch > 1 && features.rows == workspace.share?.rows.count ?? batch,
            "batch normalization cannot train on \(features.rows) rows of a batch of \(batch): it needs the variance of 2 or more"
        )
        precondition(!layers.isEmpty, "a head without layers has nothing to train")
        workspace.prepare(rows: features.rows, layers, parameters: parameters)
        workspace.input = shortcut?.centered(features) ?? features
        batchesTracked += 1
        for layer in layers.indices {
            let output = workspace.forwardProduct(layer, weight: weight(layer))
            normalize(output, &workspace.layers[layer], layer, workspace.share)
        }
        let output = workspace.layers[layerCount - 1].activation
        guard let shortcut else { return output }
        return shortcut.adding(output, to: shortcut.projected(workspace.input))
    }

    /// From a layer's linear output to what the next one takes.
    private mutating func normalize(
        _ output: PendingProduct, _ memory: inout HeadWorkspace.Layer, _ layer: Int, _ share: BatchShare?
    ) {
        let description = layers[layer]
        guard let scale = description.scale, let shift = description.shift else {
            memory.activation.withUnsafeMutableElements { output.compute(into: $0) }
            if let bias = description.bias { memory.activation.addToRows(parameters[bias]) }
            return
        }
        BatchNormalization.forward(
            &memory, of: output, scale: parameters[scale], shift: parameters[shift],
            rectified: description.isRectified, share: share)
        // The mean of the batch takes a bias away again, so that it shows in the running mean alone.
        layers[layer].statistics?.update(
            with: memory.moments, bias: description.bias.map { parameters[$0] },
            batch: share?.count ?? memory.normalized.rows)
        if description.isRectified {
            dropout(layer)?.apply(to: &memory.activation, first: share?.rows.lowerBound ?? 0)
        }
    }

    /// What sets activations of a layer to 0 in the present batch; nil without dropout.
    private func dropout(_ layer: Int) -> Dropout? {
        guard architecture.dropout > 0 else { return nil }
        return Dropout(probability: architecture.dropout, seed: dropoutSeed, batch: batchesTracked, layer: layer)
    }

    /// Writes the derivatives of the loss by all parameters to `workspace.gradients`, and the one by what the first layer
    /// takes to `workspace.inputGradient` where the workspace was made to want it.
    public func backward(_ outputGradient: Matrix, workspace: inout HeadWorkspace) {
        let batch = workspace.input.rows
        precondition(
            outputGradient.rows == batch && outputGradient.columns == outputDimension,
            "gradient [\(outputGradient.rows), \(outputGradient.columns)] of embeddings [\(batch), \(outputDimension)]")
        workspace.layers[layerCount - 1].delta = outputGradient
        if let shortcut { workspace.layers[layerCount - 1].delta.scale(by: shortcut.residualWeight) }
        for layer in layers.indices.reversed() {
            let product =
                layer + 1 < layerCount ? workspace.inputProduct(layer + 1, weight: weight(layer + 1)) : nil
            unnormalize(product, layer, &workspace)
            workspace.multiplyForWeight(layer)
        }
        guard workspace.wantsInputGradient else { return }
        let product = workspace.inputProduct(0, weight: weight(0))
        workspace.inputGradient = Matrix(rows: product.rows, columns: product.columns) { product.compute(into: $0) }
    }

    /// From the derivative by what a layer gives, a product of the next layer's or there already, to the one by its linear output.
    private func unnormalize(_ product: PendingProduct?, _ layer: Int, _ workspace: inout HeadWorkspace) {
        let description = layers[layer]
        guard let scale = description.scale, let shift = description.shift else {
            if let product {
                workspace.layers[layer].delta.withUnsafeMutableElements { product.compute(into: $0) }
            }
            guard let bias = description.bias else { return }
            workspace.gradients[bias] = workspace.layers[layer].delta.columnSums()
            workspace.share?.group.sum(&workspace.gradients[bias])
            return
        }
        let keep = description.isRectified && architecture.dropout > 0 ? 1 / (1 - architecture.dropout) : 1
        BatchNormalization.backward(
            &workspace.layers[layer], of: product, scale: parameters[scale], rectified: description.isRectified,
            keep: keep, share: workspace.share)
        workspace.gradients[scale] = workspace.layers[layer].slopes.rows(in: 0..<1)
        workspace.gradients[shift] = workspace.layers[layer].slopes.rows(in: 1..<2)
        if let bias = description.bias {
            workspace.gradients[bias] = Matrix(rows: 1, columns: description.outputs)
        }
    }
}

extension Matrix {
    /// Adds `row`, `[1, columns]`, to every row.
    fileprivate mutating func addToRows(_ row: Matrix) {
        let (rows, columns) = (rows, columns)
        withUnsafeMutableElements { values in
            row.withUnsafeElements { row in
                for index in 0..<rows {
                    for column in 0..<columns { values[index * columns + column] += row[column] }
                }
            }
        }
    }

    /// The sum of every column, `[1, columns]`.
    fileprivate func columnSums() -> Matrix {
        var sums = Matrix(rows: 1, columns: columns)
        sums.withUnsafeMutableElements { sums in
            withUnsafeElements { values in
                for row in 0..<rows {
                    for column in 0..<columns { sums[column] += values[row * columns + column] }
                }
            }
        }
        return sums
    }
}
